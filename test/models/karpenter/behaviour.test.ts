import { type MemoryRun, seconds, startRun } from '../../../scenarios/index.js';

interface Setting {
  readonly replicas: number;
  readonly disruption?: object;
  /** More of the template's spec. */
  readonly template?: object;
  readonly limits?: object;
  readonly weight?: number;
  readonly pods?: object;
  readonly annotations?: object;
  readonly manifests?: readonly object[];
  readonly actions?: readonly object[];
  readonly faults?: readonly object[];
  readonly runFor?: string;
  readonly elideQuietEvents?: boolean;
  readonly withoutNodePool?: boolean;
  /** When Karpenter's process dies, and after how many seconds it is back. */
  readonly dies?: readonly [number, number];
}

const DISRUPTION = { consolidateAfter: '1m', budgets: [{ nodes: '100%' }] };

const nodePool = (
  name: string,
  { disruption = DISRUPTION, template = {}, limits, weight }: Partial<Setting>,
): object => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name },
  spec: {
    template: {
      spec: { requirements: [], nodeClassRef: { group: 'g', kind: 'NodeClass', name: 'n' }, ...template },
    },
    disruption,
    ...(limits && { limits }),
    ...(weight !== undefined && { weight }),
  },
});

/** Machines of 2, 4 and 8 CPU for $0.10, $0.20 and $0.40; pods of 1 CPU. */
function run(setting: Setting): MemoryRun {
  const { replicas, pods = {}, annotations = {}, manifests = [], actions = [], faults = [], runFor = '10m' } = setting;
  const labels = { app: 'web' };
  const containers = [{ name: 'c', image: 'app', resources: { requests: { cpu: '1' } } }];
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers, ...pods } },
    },
  };
  const pool = (name: string, cpu: string, price: number) => ({
    name,
    count: 0,
    zones: ['a', 'b'],
    capacity: { cpu, memory: '32Gi' },
    price,
    autoscaling: 'karpenter',
  });
  const spec = {
    kubernetesVersion: '1.37',
    runFor,
    cluster: { pools: [pool('small', '2', 0.1), pool('medium', '4', 0.2), pool('large', '8', 0.4)] },
    manifests: [...(setting.withoutNodePool ? [] : [nodePool('default', setting)]), ...manifests, deployment],
    actions,
    faults,
    record: ['node-claims', 'nodes', 'events', 'pods'],
  };
  const text = JSON.stringify({ apiVersion: 'kubewhen/v1', kind: 'Scenario', metadata: { name: 's' }, spec });
  const started = startRun(text, { elideQuietEvents: setting.elideQuietEvents ?? true });
  const [diesAt, isBackAfter] = setting.dies ?? [];
  if (diesAt !== undefined && isBackAfter !== undefined) {
    const { cluster } = started;
    const process = (): ReturnType<typeof cluster.process> => cluster.process('karpenter');
    cluster.simulation.after(seconds(diesAt) - cluster.simulation.now, () => process()?.stop());
    cluster.simulation.after(seconds(diesAt + isBackAfter) - cluster.simulation.now, () => process()?.start());
  }
  started.finish();
  return started;
}

/** Whole second, step, node and reason. */
const steps = (made: MemoryRun, ...wanted: readonly string[]): readonly string[] =>
  made.rows('node-claims').flatMap(({ at, row }) => {
    const { step, node, reason } = row;
    return wanted.length === 0 || wanted.includes(step)
      ? [[Math.floor(at / 1e6), step, node, reason].filter((each) => each !== '').join(' ')]
      : [];
  });

const nodes = (made: MemoryRun): readonly string[] =>
  [...made.cluster.list('Node')].map(({ metadata }) => metadata.name).sort();

const events = (made: MemoryRun, reason: string): readonly string[] =>
  made.rows('events').flatMap(({ row }) => (row.reason === reason ? [row.message] : []));

const running = (made: MemoryRun): number =>
  made.cluster.get('Deployment', 'default/web')?.status?.availableReplicas ?? 0;

const scale = (at: string, replicas: number): object => ({ at, scale: 'deployment/web', replicas });

describe('provisioning', () => {
  it('claims one second after the last pod what fits and costs least', () => {
    // Eight pods fill a large one, the ninth goes alone: the cheapest that fits is small.
    const made = run({ replicas: 9, runFor: '3m' });
    expect(steps(made, 'launched').toSorted()).toEqual(['1 launched large-0', '1 launched small-0']);
    // 40 s machineProvisioning + 20 s machineBoot after the launch at 1.1 s.
    expect(steps(made, 'registered', 'initialized').toSorted()).toEqual([
      '61 initialized large-0',
      '61 initialized small-0',
      '61 registered large-0',
      '61 registered small-0',
    ]);
    expect(running(made)).toBe(9);
    expect(events(made, 'Nominated')[0]).toMatch(/^Pod should schedule on: nodeclaim\/default-/);
  });

  it('does nothing without a NodePool', () => {
    const made = run({ replicas: 2, runFor: '3m', withoutNodePool: true });
    expect([nodes(made), steps(made)]).toEqual([[], []]);
    expect(events(made, 'FailedScheduling').some((text) => text.startsWith('Failed to schedule pod'))).toBe(false);
  });

  it('keeps within limits, and says so', () => {
    // 8 of 9 CPU are taken by a large one; a small one would be the tenth.
    const made = run({ replicas: 9, limits: { cpu: '9' }, runFor: '3m' });
    expect([nodes(made), running(made)]).toEqual([['large-0'], 8]);
    expect(events(made, 'FailedScheduling')).toContain(
      'Failed to schedule pod, all available instance types exceed limits for nodepool "default"',
    );
  });

  it('takes the pool of more weight first', () => {
    const requirements = [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: ['large'] }];
    const heavy = nodePool('heavy', { template: { requirements }, weight: 10 });
    const made = run({ replicas: 1, manifests: [heavy], runFor: '3m' });
    expect(nodes(made)).toEqual(['large-0']);
  });

  it('spreads over zones as pods ask', () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ];
    const made = run({ replicas: 2, pods: { topologySpreadConstraints }, runFor: '3m' });
    const zones = [...made.cluster.list('Node')].map(
      ({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'],
    );
    expect(zones.sort()).toEqual(['a', 'b']);
    expect(running(made)).toBe(2);
  });

  it('calls a node initialized when its startup taints are gone', () => {
    const startupTaints = [{ key: 'example.com/agent', effect: 'NoSchedule' }];
    const made = run({ replicas: 1, template: { startupTaints }, runFor: '3m' });
    expect(steps(made, 'registered', 'initialized')).toEqual(['61 registered small-0']);
    const untaint = { at: '90s', taint: 'small-0', taints: ['example.com/agent:NoSchedule-'] };
    const freed = run({ replicas: 1, template: { startupTaints }, actions: [untaint], runFor: '3m' });
    expect(steps(freed, 'initialized')).toEqual(['90 initialized small-0']);
  });

  it('gives a machine up that does not come within fifteen minutes', () => {
    const outage = { at: '0s', kind: 'ProvisioningOutage', pools: ['small'], for: '20m' };
    const made = run({ replicas: 1, faults: [outage], runFor: '17m' });
    expect(steps(made, 'disrupting')).toEqual(['901 disrupting small-0 registration timeout']);
  });
});

describe('consolidation', () => {
  it('removes an empty node a minute after its last pod was asked to go, and 15 s for second thoughts', () => {
    const made = run({ replicas: 2, actions: [scale('3m', 0)] });
    // Consolidatable at 240 s, seen by the pass of that second or the next one 10 s later.
    const [disrupting = ''] = steps(made, 'disrupting');
    expect(disrupting).toMatch(/^2(55|6[0-5]) disrupting small-0 Empty\/Delete$/);
    expect(nodes(made)).toEqual([]);
  });

  it('moves pods to a node that has room, and deletes what is empty then', () => {
    // 8 on large-0, 1 on small-0; of 9 pods 4 are left.
    const made = run({ replicas: 9, actions: [scale('3m', 4)], runFor: '12m' });
    // 4 pods are worth one medium, $0.20.
    expect(nodes(made)).toEqual(['medium-0']);
    expect(running(made)).toBe(4);
    expect(events(made, 'DisruptionTerminating')).toContain('Disrupting Node: Underutilized');
  });

  it('does not come with WhenEmpty for nodes that hold pods', () => {
    const disruption = { ...DISRUPTION, consolidationPolicy: 'WhenEmpty' };
    const made = run({ replicas: 8, disruption, actions: [scale('3m', 1)] });
    expect(nodes(made)).toEqual(['large-0']);
  });

  it('does not come while consolidateAfter is Never', () => {
    const made = run({ replicas: 2, disruption: { consolidateAfter: 'Never' }, actions: [scale('3m', 0)] });
    expect(nodes(made)).toEqual(['small-0']);
  });

  it.each<readonly [string, Partial<Setting>, string | undefined]>([
    [
      'a budget of the NodePool',
      { disruption: { ...DISRUPTION, budgets: [{ nodes: '0' }] } },
      'No allowed disruptions',
    ],
    ['a pod that says so', { annotations: { 'karpenter.sh/do-not-disrupt': 'true' } }, undefined],
    [
      'a PodDisruptionBudget',
      {
        manifests: [
          {
            apiVersion: 'policy/v1',
            kind: 'PodDisruptionBudget',
            metadata: { name: 'web' },
            spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } },
          },
        ],
      },
      'pdb prevents pod evictions (PodDisruptionBudget=[default/web])',
    ],
  ])('does not come against %s', (_, setting, blocked) => {
    const made = run({ replicas: 8, actions: [scale('3m', 1)], ...setting });
    expect(nodes(made)).toEqual(['large-0']);
    if (blocked !== undefined) {
      expect(events(made, 'DisruptionBlocked').some((text) => text.startsWith(blocked))).toBe(true);
    }
  });

  it('gives up when a pod comes before it has thought twice', () => {
    // Empty since 180 s, consolidatable at 240 s; a pod comes during the 15 s after the pass.
    const made = run({ replicas: 2, actions: [scale('3m', 0), scale('251s', 2)], runFor: '6m' });
    expect(steps(made, 'disrupting')).toEqual([]);
    expect(nodes(made)).toEqual(['small-0']);
  });

  it('leaves out no look that would have found something', () => {
    const both = [true, false].map((elideQuietEvents) =>
      steps(run({ replicas: 9, actions: [scale('3m', 4)], runFor: '12m', elideQuietEvents })).toSorted(),
    );
    expect(both[0]).toEqual(both[1]);
  });
});

describe('other ends', () => {
  it('expires a node and makes another for its pods', () => {
    const made = run({ replicas: 1, template: { expireAfter: '5m' }, runFor: '8m' });
    // Created at 1 s, whole seconds.
    expect(steps(made, 'disrupting')).toEqual(['301 disrupting small-0 Expired']);
    expect([nodes(made), running(made)]).toEqual([['small-1'], 1]);
  });

  it('replaces nodes whose NodePool has changed, new ones first', () => {
    const change = nodePool('default', { template: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } });
    const made = run({ replicas: 1, actions: [{ at: '3m', apply: [change] }], runFor: '8m' });
    const [disrupting = ''] = steps(made, 'disrupting');
    // Decided by a pass within 10 s; 60 s for the machine, and a second for the look.
    expect(disrupting).toMatch(/^2[45]\d disrupting small-0 Drifted\/Replace$/);
    expect([nodes(made), running(made)]).toEqual([['small-1'], 1]);
  });

  it('ends with kubectl delete node too: drain, machine, claim', () => {
    const made = run({ replicas: 1, actions: [{ at: '3m', delete: 'node/small-0' }], runFor: '8m' });
    expect(steps(made, 'terminating', 'deleted').map((step) => step.split(' ')[1])).toEqual(['terminating', 'deleted']);
    expect([nodes(made), running(made)]).toEqual([['small-1'], 1]);
  });

  it('waits for a pod that is not to be disrupted no longer than terminationGracePeriod', () => {
    const annotations = { 'karpenter.sh/do-not-disrupt': 'true' };
    const actions = [{ at: '3m', delete: 'node/small-0' }];
    const held = run({ replicas: 1, annotations, actions, runFor: '8m' });
    expect(nodes(held)).toEqual(['small-0']);
    const bounded = run({
      replicas: 1,
      annotations,
      actions,
      template: { terminationGracePeriod: '2m' },
      runFor: '8m',
    });
    // 180 s + 120 s - 30 s of the pod's own grace: then it is deleted past all rules.
    const gone = bounded.rows('pods').find(({ row }) => row.deleting === 'true' && row.node === 'small-0');
    expect(Math.floor((gone?.at ?? 0) / 1e6)).toBeGreaterThanOrEqual(269);
    expect(Math.floor((gone?.at ?? 0) / 1e6)).toBeLessThanOrEqual(271);
    expect(nodes(bounded)).toEqual(['small-1']);
  });
});

describe('a process that dies', () => {
  it.each<readonly [string, readonly [number, number]]>([
    ['between a claim and its machine', [1.085, 20]],
    ['while machines boot', [30, 60]],
    ['while a decision is thought over', [250, 60]],
    ['while a replacement boots', [300, 60]],
  ])('%s loses nothing', (_, dies) => {
    // As without: 9 pods on two machines, of which 4 are left and worth one medium.
    const made = run({ replicas: 9, actions: [scale('3m', 4)], runFor: '14m', dies });
    expect([nodes(made), running(made)]).toEqual([['medium-0'], 4]);
    expect([...made.cluster.list('NodeClaim')]).toHaveLength(1);
  });
});
