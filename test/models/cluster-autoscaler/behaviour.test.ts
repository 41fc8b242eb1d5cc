import { type MemoryRun, startRun } from '../../../scenarios/index.js';

interface Setting {
  readonly replicas: number;
  readonly pools?: readonly object[];
  readonly manifests?: readonly object[];
  readonly flags?: readonly string[];
  readonly actions?: readonly object[];
  readonly budget?: number;
  readonly runFor?: string;
  readonly elideQuietEvents?: boolean;
}

/** One pool of 2-CPU machines, one of them there, up to four; pods of 1 CPU. */
function run({
  replicas,
  pools = [{ name: 'w', count: 1, capacity: { cpu: '2', memory: '8Gi' }, autoscaling: { min: 1, max: 4 } }],
  manifests = [],
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
  const spec = {
    kubernetesVersion: '1.37',
    runFor,
    cluster: { pools },
    configuration: { clusterAutoscaler: flags },
    manifests: [deployment, ...(budget === undefined ? [] : [disruptionBudget]), ...manifests],
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

/** Three zones with the same machines, two of them there. */
const zones = ['a', 'b', 'c'].map((zone, i) => ({
  name: `zone-${zone}`,
  count: i === 2 ? 0 : 1,
  zones: [zone],
  capacity: { cpu: '2', memory: '8Gi' },
  autoscaling: { min: 0, max: 4 },
}));

describe('similar groups', () => {
  it('grow evenly, the smallest first', () => {
    // 10 pods of 1 CPU, 4 places: 3 machines more for sizes 0, 1, 1. The smallest grows until it is larger than the next.
    const made = run({
      replicas: 10,
      pools: zones,
      flags: ['--balance-similar-node-groups', '--expander=least-nodes'],
    });
    const grown = steps(made).filter((step) => step.includes('scale-up'));
    expect(grown).toEqual(['10 scale-up 2', '10 scale-up 2']);
    const text = /^pod triggered scale-up: \[\{zone-c 0->2 \(max: 4\)\} \{zone-[ab] 1->2 \(max: 4\)\}\]$/;
    expect(events(made, 'TriggeredScaleUp')[0]).toMatch(text);
  });

  it('do not without the flag: one group gets all', () => {
    const made = run({ replicas: 8, pools: zones });
    expect(steps(made).filter((step) => step.includes('scale-up'))).toHaveLength(1);
  });
});

describe('priorities of groups', () => {
  const configMap = (priorities: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-autoscaler-priority-expander', namespace: 'kube-system' },
    data: { priorities },
  });
  const flags = ['--expander=priority,least-waste'];

  it('come from a ConfigMap, and decide before the next expander of the chain', () => {
    const made = run({ replicas: 8, pools: zones, flags, manifests: [configMap('10:\n- .*\n50:\n- zone-b\n')] });
    expect(events(made, 'TriggeredScaleUp')[0]).toBe('pod triggered scale-up: [{zone-b 1->3 (max: 4)}]');
  });

  it('that nobody stated let nothing grow', () => {
    const made = run({ replicas: 8, pools: zones, flags });
    expect(steps(made).filter((step) => step.includes('scale-up'))).toEqual([]);
  });

  it('that name not every group are told of', () => {
    const made = run({ replicas: 8, pools: zones, flags, manifests: [configMap('50: [zone-b]')] });
    expect(events(made, 'PriorityConfigMapNotMatchedGroup')[0]).toBe(
      "Priority expander: node group zone-a not found in priority expander configuration. The group won't be used.",
    );
  });
});

describe('a node that nobody needs', () => {
  const less = { at: '2m', scale: 'deployment/web', replicas: 1 };

  it('is marked PreferNoSchedule once the cool-down is over, and unmarked when it is needed again', () => {
    // Grown at 10 s: no cool-down from 610 s on. Unneeded from 120 to 150 s on: to be removed at 720 s at the earliest.
    const more = { at: '11m', scale: 'deployment/web', replicas: 5 };
    const made = run({ replicas: 5, actions: [less, more], runFor: '12m' });
    const marked = made.rows('nodes').filter(({ row }) => row.taints.includes('DeletionCandidateOfClusterAutoscaler'));
    const first = Math.floor((marked[0]?.at ?? 0) / 1e6);
    expect(first).toBe(610);
    for (const { spec } of made.cluster.list('Node')) {
      expect(spec.taints ?? []).toEqual([]);
    }
  });

  it('is not marked with --max-bulk-soft-taint-count=0', () => {
    const made = run({ replicas: 5, actions: [less], flags: ['--max-bulk-soft-taint-count=0'], runFor: '12m' });
    expect(made.rows('nodes').some(({ row }) => row.taints.includes('DeletionCandidate'))).toBe(false);
  });

  it('stays in a group that has its smallest size', () => {
    const made = run({ replicas: 0, runFor: '30m' });
    expect(made.rows('node-scaling')).toEqual([]);
  });
});

describe('the status', () => {
  const status = (made: MemoryRun): string =>
    made.cluster.get('ConfigMap', 'kube-system/cluster-autoscaler-status')?.data?.status ?? '';

  it('is a ConfigMap that counts nodes by group', () => {
    const made = run({ replicas: 5, runFor: '5m' });
    const [head = '', groups = ''] = status(made).split('nodeGroups:\n');
    expect(head).toContain('autoscalerStatus: Running\nclusterWide:\n  health:\n    status: Healthy\n');
    expect(groups).toContain(
      '- name: w\n  health:\n    status: Healthy\n    nodeCounts:\n      registered:\n        total: 3\n',
    );
    expect(groups).toContain('    cloudProviderTarget: 3\n    minSize: 1\n    maxSize: 4\n');
    // The machines asked for at 10 s join at 70 s: NoActivity again from the pass at 80 s on.
    expect(groups).toContain('  scaleUp:\n    status: NoActivity\n');
    expect(status(run({ replicas: 5, runFor: '30s' }))).toContain('  scaleUp:\n    status: InProgress\n');
  });

  it('is what Events of the whole are about, and can be switched off', () => {
    const made = run({ replicas: 5, runFor: '5m' });
    expect(events(made, 'ScaledUpGroup')).toEqual([
      'Scale-up: setting group w size to 3 instead of 1 (max: 4)',
      'Scale-up: group w size set to 3 instead of 1 (max: 4)',
    ]);
    expect(status(run({ replicas: 1, flags: ['--write-status-configmap=false'], runFor: '5m' }))).toBe('');
  });
});
