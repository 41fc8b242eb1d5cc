import { constant, milliseconds, seconds } from '../../../engine/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ACluster, type AClusterOptions, aCluster } from '../../helpers/a-cluster.js';

interface Row {
  readonly at: number;
  readonly endpoints: number;
  readonly failing_share: number;
  readonly timeout_share: number;
  readonly worst_node: string;
  readonly failing: string;
}

/** Rows of `routing` from a virtual second on, with their times in seconds. */
const routing = (cluster: ACluster, from = 0): readonly Row[] =>
  cluster.sink
    .rows<Row>('routing')
    .map(({ at, row }) => ({ ...row, at: at / 1_000_000 }))
    .filter(({ at }) => at >= from);

const BEHAVIOUR: ContainerBehaviour = {};

const web = (cluster: ACluster, replicas: number, service: object = {}, pod: object = {}): void => {
  cluster.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...service },
  });
  cluster.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { name: '', labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'app:v1', ports: [{ containerPort: 8080 }] }], ...pod },
      },
    },
  });
};

const aWatched = (options: AClusterOptions = {}): ACluster =>
  aCluster({ nodes: ['n0', 'n1', 'n2', 'n3'], record: ['routing'], behaviourOf: () => BEHAVIOUR, ...options });

describe('connections to a Service', () => {
  it('are refused while it has no endpoint, and answered from all nodes 20 ms after the last slice was seen', () => {
    const cluster = aWatched();
    web(cluster, 2);
    cluster.runUntil('1m');
    const rows = routing(cluster);
    expect(rows[0]).toMatchObject({ nodes: 4, endpoints: 0, failing_share: 1, timeout_share: 0 });
    expect(rows.at(-1)).toMatchObject({ nodes: 4, endpoints: 2, failing_share: 0, failing: '' });
  });

  it('fail by their share from the crash of a node until every proxy has heard that its pod is not ready', () => {
    const cluster = aWatched();
    web(cluster, 4);
    cluster.runUntil('2m');
    const [victim] = [...cluster.cluster.list('Pod')];
    const node = victim?.spec.nodeName as string;
    cluster.cluster.node(node)?.machine.powerOff();
    cluster.runUntil('4m');
    const [crash, end] = routing(cluster, 120);
    // Three clients' nodes are left; each sends a quarter of its connections to the dead pod.
    expect(crash).toMatchObject({ at: 120, nodes: 3, failing_share: 0.25, timeout_share: 0.25 });
    expect(crash?.failing).toBe(victim?.metadata.name);
    // The pod is not ready 45 to 50 s later, at the pass of the node monitor; then slice, watch and proxy: well below a second.
    const notReady = cluster.cluster.get('Pod', `default/${victim?.metadata.name}`)?.status?.conditions;
    expect(notReady?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    expect(end).toMatchObject({ failing_share: 0, endpoints: 3 });
    expect(end?.at).toBeGreaterThan(160);
    expect(end?.at).toBeLessThan(171);
  });

  it('fail during a rollout while the process is gone and the proxies do not know it yet; a preStop sleep avoids it', () => {
    const failingFor = (preStop: object): number => {
      const cluster = aWatched();
      const container = { name: 'c', image: 'app:v1', ports: [{ containerPort: 8080 }], ...preStop };
      web(cluster, 4, {}, { containers: [container] });
      cluster.runUntil('2m');
      for (const pod of cluster.cluster.list('Pod')) {
        cluster.cluster.user.delete('Pod', `default/${pod.metadata.name}`, {}, () => {});
        break;
      }
      cluster.runUntil('4m');
      const rows = routing(cluster, 120);
      return rows.reduce((sum, { at, failing_share }, i) => sum + failing_share * ((rows[i + 1]?.at ?? 240) - at), 0);
    };
    // SIGTERM: kubelet's watch 3 ms and a call of the runtime 10 ms after the deletion. The proxies: watch 3 ms, slice written 2 ms later,
    // watch 3 ms, sync 20 ms. Some 15 ms in which a quarter fails.
    const without = failingFor({});
    expect(without).toBeGreaterThan(0.001);
    expect(without).toBeLessThan(0.02);
    expect(failingFor({ lifecycle: { preStop: { sleep: { seconds: 5 } } } })).toBe(0);
  });

  it('are answered late by a pod that is Ready before it serves: without a readiness probe nobody waits for it', () => {
    const cluster = aWatched({ behaviourOf: () => ({ ready: constant(seconds(7)) }) });
    web(cluster, 1);
    cluster.runUntil('1m');
    const rows = routing(cluster).filter(({ endpoints }) => endpoints === 1);
    expect(rows.map(({ failing_share }) => failing_share)).toEqual([1, 0]);
    const [routed, served] = rows as [Row, Row];
    expect(served.at - routed.at).toBeLessThan(7);
    // 7 s from the start of the process; Running is seen by the PLEG within 1 s, and then it takes some 30 ms to be routed.
    expect(served.at - routed.at).toBeGreaterThan(5.5);
  });

  it('go to pods that end when no other is left, but not in 1.23', () => {
    const last = (kubernetesVersion: string): readonly Row[] => {
      const cluster = aWatched({ kubernetesVersion });
      const sleeping = { lifecycle: { preStop: { exec: { command: ['sleep', '20'] } } } };
      web(
        cluster,
        1,
        {},
        { containers: [{ name: 'c', image: 'app:v1', ports: [{ containerPort: 8080 }], ...sleeping }] },
      );
      cluster.runUntil('1m');
      cluster.cluster.user.patch(
        'Deployment',
        'default/web',
        (deployment) => ({ ...deployment, spec: { ...deployment.spec, replicas: 0 } }) as typeof deployment,
        () => {},
      );
      cluster.runUntil('61s');
      return routing(cluster, 60);
    };
    const hook: ContainerBehaviour = { preStop: { takes: constant(seconds(20)) } };
    Object.assign(BEHAVIOUR, hook);
    try {
      expect(last('1.37')).toEqual([]);
      expect(last('1.23')).toEqual([expect.objectContaining({ endpoints: 0, failing_share: 1, timeout_share: 0 })]);
    } finally {
      Object.assign(BEHAVIOUR, { preStop: undefined });
    }
  });

  it('stay on the node when internalTrafficPolicy says so; nodes without a pod lose them all, by time-outs', () => {
    const cluster = aWatched();
    web(cluster, 1, { internalTrafficPolicy: 'Local' });
    cluster.runUntil('1m');
    const [pod] = [...cluster.cluster.list('Pod')];
    expect(routing(cluster).at(-1)).toMatchObject({ endpoints: 1, failing_share: 0.75, timeout_share: 0.75 });
    expect(routing(cluster).at(-1)?.worst_node).not.toBe(pod?.spec.nodeName);
  });

  it('are lost when the network between two nodes is cut, whatever the control plane says', () => {
    const cluster = aWatched();
    web(cluster, 4);
    cluster.runUntil('1m');
    const heal = cluster.cluster.network.cut('node/n0', 'node/n1');
    cluster.runUntil('2m');
    heal();
    cluster.runUntil('3m');
    // n0 does not reach one of four, n1 not the other: (1/4 + 1/4) of four nodes.
    expect(routing(cluster, 60).map(({ at, failing_share }) => [at, failing_share])).toEqual([
      [60, 0.125],
      [120, 0],
    ]);
  });
});

describe('kube-proxy', () => {
  /** When rows came after two pods were deleted 300 ms apart, in ms from the first deletion. */
  const syncs = (kubernetesVersion: string, kubeProxy = {}): readonly number[] => {
    const cluster = aWatched({ kubernetesVersion, configuration: { kubeProxy } });
    web(cluster, 3, { publishNotReadyAddresses: false });
    cluster.runUntil('1m');
    const before = cluster.cluster.simulation.now;
    const pods = [...cluster.cluster.list('Pod')].map(({ metadata }) => `default/${metadata.name}`);
    const deletes = [0, 300, 600];
    for (const [i, wait] of deletes.entries()) {
      cluster.cluster.simulation.after(milliseconds(wait), () =>
        cluster.cluster.user.delete('Pod', pods[i] as string, { gracePeriodSeconds: 0 }, () => {}),
      );
    }
    cluster.runUntil('63s');
    return cluster.sink
      .rows<Row>('routing')
      .filter(({ at, row }) => at > before && row.endpoints !== undefined)
      .map(({ at }) => (at - before) / 1000);
  };

  it('rests a second after each write of its rules, in 1.37', () => {
    // Gone 2 ms after the request, watch 3, slice written 2, watch 3, sync 20: about 31 ms. The next write begins a second after that.
    const times = syncs('1.37');
    expect(times.some((at) => at > 25 && at < 60)).toBe(true);
    expect(times.some((at) => at > 1030 && at < 1120)).toBe(true);
  });

  it('writes twice at once and then every second, in 1.23', () => {
    const times = syncs('1.23');
    expect(times.some((at) => at > 325 && at < 360)).toBe(true);
  });

  it('writes without a rest in mode ipvs', () => {
    const times = syncs('1.37', { mode: 'ipvs' });
    expect(times.some((at) => at > 325 && at < 360)).toBe(true);
    expect(times.some((at) => at > 625 && at < 660)).toBe(true);
  });

  it('refuses a mode that is none, or that its version does not have', () => {
    const create = (kubernetesVersion: string, mode: string) => () =>
      aWatched({ kubernetesVersion, configuration: { kubeProxy: { mode } } });
    expect(create('1.37', 'userspace')).toThrow('must be iptables, ipvs, nftables or blank, found "userspace"');
    expect(create('1.23', 'nftables')).toThrow('this version has no mode nftables');
    expect(create('1.37', 'nftables')).not.toThrow();
  });

  it('costs nothing when nobody records what it does', () => {
    const events = (record: readonly string[]): string => {
      const cluster = aWatched({ record });
      web(cluster, 2);
      cluster.runUntil('1m');
      return cluster.cluster.simulation.fingerprint;
    };
    expect(events([])).not.toBe(events(['routing']));
    expect(events([])).toBe(events(['pods']));
  });
});
