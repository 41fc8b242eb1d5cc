import { type MemoryRun, startRun } from '../../../scenarios/index.js';

interface Setting {
  readonly replicas: number;
  readonly flags?: readonly string[];
  readonly actions?: readonly object[];
  readonly budget?: number;
  readonly runFor?: string;
  readonly elideQuietEvents?: boolean;
}

/** One pool of 2-CPU machines, one of them there, up to four; pods of 1 CPU. */
function run({
  replicas,
  flags = [],
  actions = [],
  budget,
  runFor = '30m',
  elideQuietEvents = true,
}: Setting): MemoryRun {
  const labels = { app: 'web' };
  const containers = [{ name: 'c', image: 'app', resources: { requests: { cpu: '1' } } }];
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
  const disruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: budget ?? 0, selector: { matchLabels: labels } },
  };
  const pool = { name: 'w', count: 1, capacity: { cpu: '2', memory: '8Gi' }, autoscaling: { min: 1, max: 4 } };
  const spec = {
    kubernetesVersion: '1.37',
    runFor,
    cluster: { pools: [pool] },
    configuration: { clusterAutoscaler: flags },
    manifests: budget === undefined ? [deployment] : [deployment, disruptionBudget],
    actions,
    record: ['node-scaling', 'nodes', 'events'],
  };
  const text = JSON.stringify({ apiVersion: 'kubewhen/v1', kind: 'Scenario', metadata: { name: 's' }, spec });
  const started = startRun(text, { elideQuietEvents });
  started.finish();
  return started;
}

/** Step, group size and whole second. */
const steps = (made: MemoryRun): readonly string[] =>
  made
    .rows('node-scaling')
    .map(({ at, row }) => ({ second: Math.floor(at / 1e6), ...row }))
    .filter(({ step }) => step !== 'unneeded' && step !== 'needed')
    .map(({ second, step, node, target }) => `${second} ${step} ${node || target}`);

const joins = (made: MemoryRun): readonly string[] =>
  made.rows('nodes').flatMap(({ at, row }) => {
    const { change, node } = row;
    return change === 'added' && at > 0 ? [`${Math.floor(at / 1e6)} ${node}`] : [];
  });

const events = (made: MemoryRun, reason: string): readonly string[] =>
  made.rows('events').flatMap(({ row }) => (row.reason === reason ? [row.message] : []));

describe('growth', () => {
  it('comes with the pass after the buffer, and machines after their provisioning and boot', () => {
    // Five pods, two places. Passes at 10 s and on; the pods are older than 2 s then: three pods need two machines of two places.
    const made = run({ replicas: 5 });
    expect(steps(made)[0]).toBe('10 scale-up 3');
    // 40 s machineProvisioning + 20 s machineBoot.
    expect(joins(made)).toEqual(['70 w-1', '70 w-2']);
    expect(events(made, 'TriggeredScaleUp')).toEqual(Array(3).fill('pod triggered scale-up: [{w 1->3 (max: 4)}]'));
    expect(made.cluster.get('Deployment', 'default/web')?.status?.availableReplicas).toBe(5);
  });

  it('ends at the largest size, and says so of the pods that are left', () => {
    const made = run({ replicas: 9 });
    expect(steps(made)).toEqual(['10 scale-up 4']);
    expect(events(made, 'NotTriggerScaleUp')).toContain("pod didn't trigger scale-up: 1 max node group size reached");
  });

  it('does not come for a pod that no machine of any group could take', () => {
    const containers = [{ name: 'c', image: 'app', resources: { requests: { cpu: '3' } } }];
    const big = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'big' }, spec: { containers } };
    const made = run({ replicas: 1, actions: [{ at: '1m', apply: [big] }] });
    expect(steps(made)).toEqual([]);
    expect(events(made, 'NotTriggerScaleUp')[0]).toBe("pod didn't trigger scale-up: 1 Insufficient cpu");
  });
});

describe('shrinking', () => {
  const less = { at: '2m', scale: 'deployment/web', replicas: 1 };

  it('comes when a node was unneeded for ten minutes, and ten minutes after growth', () => {
    // Grown at 10 s; two nodes are empty from 2 min 30 s at the latest (grace period): unneeded for 10 min at 730 to 760 s.
    const made = run({ replicas: 5, actions: [less] });
    const [grown, ...removals] = steps(made);
    expect(grown).toBe('10 scale-up 3');
    expect(removals.map((step) => step.split(' ')[1])).toEqual(['removing', 'removing', 'removed', 'removed']);
    const at = removals.map((step) => Number(step.split(' ')[0]));
    expect(at[0]).toBeGreaterThanOrEqual(720);
    expect(at[0]).toBeLessThanOrEqual(760);
    // --node-delete-delay-after-taint=5s
    expect((at[2] as number) - (at[0] as number)).toBe(5);
    expect([...made.cluster.list('Node')]).toHaveLength(1);
  });

  it('leaves out no pass that would have done something', () => {
    const [few, all] = [true, false].map((elideQuietEvents) => run({ replicas: 5, actions: [less], elideQuietEvents }));
    expect(few?.rows('node-scaling')).toEqual(all?.rows('node-scaling'));
  });

  it('does not come while a budget lets no pod move', () => {
    // Two of three pods stay on two nodes; each is half used at most, but the budget wants both.
    const two = { at: '2m', scale: 'deployment/web', replicas: 2 };
    const flags = ['--scale-down-utilization-threshold=0.6'];
    const free = run({ replicas: 5, actions: [two], flags });
    const held = run({ replicas: 5, actions: [two], flags, budget: 2 });
    expect([...free.cluster.list('Node')].length).toBeLessThanOrEqual([...held.cluster.list('Node')].length);
    for (const pod of held.cluster.list('Pod')) {
      expect(pod.metadata.deletionTimestamp).toBeUndefined();
    }
  });

  it('is switched off by --scale-down-enabled=false', () => {
    const made = run({ replicas: 5, actions: [less], flags: ['--scale-down-enabled=false'] });
    expect([...made.cluster.list('Node')]).toHaveLength(3);
  });
});
