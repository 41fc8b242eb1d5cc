import { startRun } from '../../../scenarios/index.js';

const FLAGS = [
  '--allocate-node-cidrs=true',
  '--cluster-cidr=10.244.0.0/16,fd00:10:244::/56',
  '--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112',
];

const service = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
};

function play(flags: readonly string[], manifests: readonly object[], actions: readonly object[] = []) {
  const run = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'dual-stack' },
      spec: {
        seed: 1,
        runFor: '5m',
        cluster: { pools: [{ name: 'n', count: 2 }] },
        configuration: { kubeControllerManager: flags },
        behaviours: [{ start: '1s' }],
        manifests,
        actions,
      },
    }),
  );
  const lines = run.finish().actions.map(({ line }) => line);
  return { cluster: run.cluster, lines };
}

describe('a cluster of two IP families', () => {
  const { cluster, lines } = play(
    FLAGS,
    [
      WEB,
      service('one', {}),
      service('six', { ipFamilies: ['IPv6'] }),
      service('both', { ipFamilyPolicy: 'PreferDualStack' }),
      service('later', {}),
    ],
    [
      { at: '3m', patch: 'service/later', with: { spec: { ipFamilyPolicy: 'RequireDualStack' } } },
      { at: '4m', patch: 'service/both', with: { spec: { ipFamilyPolicy: 'SingleStack' } } },
    ],
  );
  const specOf = (name: string) => cluster.get('Service', `default/${name}`)?.spec;

  it('gives each node a block of each, and each pod an address of each', () => {
    const nodes = [...cluster.list('Node')].map(({ spec }) => spec);
    expect(new Set(nodes.flatMap(({ podCIDRs }) => podCIDRs))).toEqual(
      new Set(['10.244.0.0/24', 'fd00:10:244::/64', '10.244.1.0/24', 'fd00:10:244:1::/64']),
    );
    expect(nodes.every(({ podCIDR, podCIDRs }) => podCIDRs?.[0] === podCIDR)).toBe(true);
    const [pod] = [...cluster.list('Pod')];
    expect(pod?.status?.podIPs?.map(({ ip }) => ip)).toEqual([
      expect.stringMatching(/^10\.244\.[01]\.2$/),
      expect.stringMatching(/^fd00:10:244:(1:)?:2$/),
    ]);
  });

  it('gives a Service the families that it asks for', () => {
    expect(specOf('one')).toMatchObject({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] });
    expect(specOf('six')?.clusterIPs).toEqual([expect.stringMatching(/^fd00:10:96::[\da-f]+$/)]);
    expect(specOf('later')).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      clusterIPs: [expect.stringMatching(/^10\.96\./), expect.stringMatching(/^fd00:10:96::/)],
    });
    expect(specOf('both')).toMatchObject({ ipFamilies: ['IPv4'], clusterIPs: [expect.stringMatching(/^10\.96\./)] });
    expect(lines).toEqual(['service/later patched', 'service/both patched']);
  });

  it('has slices for each family of a Service', () => {
    const types = (name: string): readonly string[] =>
      [...cluster.list('EndpointSlice')]
        .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
        .map(({ addressType, endpoints }) => `${addressType} ${endpoints?.length}`)
        .sort();
    expect(types('one')).toEqual(['IPv4 1']);
    expect(types('six')).toEqual(['IPv6 1']);
    expect(types('later')).toEqual(['IPv4 1', 'IPv6 1']);
    expect(types('both')).toEqual(['IPv4 1']);
  });
});

describe('a cluster of one IP family', () => {
  it('refuses a Service that needs two, and gives one to a Service that would like two', () => {
    const { cluster, lines } = play(
      [],
      [service('likes', { ipFamilyPolicy: 'PreferDualStack' })],
      [{ at: '1m', create: [service('needs', { ipFamilyPolicy: 'RequireDualStack' })], expectError: true }],
    );
    expect(cluster.get('Service', 'default/likes')?.spec?.ipFamilies).toEqual(['IPv4']);
    expect(lines).toEqual([
      'The Service "needs" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ]);
  });

  it('may be IPv6', () => {
    const { cluster } = play(
      ['--allocate-node-cidrs=true', '--cluster-cidr=fd00:10:244::/56', '--service-cluster-ip-range=fd00:10:96::/112'],
      [WEB, service('web', {})],
    );
    expect([...cluster.list('Pod')][0]?.status?.podIP).toMatch(/^fd00:10:244:(1:)?:2$/);
    expect(cluster.get('Service', 'default/web')?.spec?.ipFamilies).toEqual(['IPv6']);
    expect([...cluster.list('EndpointSlice')].map(({ addressType }) => addressType)).toEqual(['IPv6']);
  });
});
