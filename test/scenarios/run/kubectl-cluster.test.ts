import { toSeconds } from '../../../engine/index.js';
import { startRun } from '../../../scenarios/index.js';

const WEB = (replicas: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
  },
});

const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
};

interface Setting {
  readonly nodes: number;
  readonly replicas: number;
  readonly actions: readonly object[];
  readonly manifests?: readonly object[];
  readonly runFor?: string;
}

/** What a run on real components says: "seconds line", seconds without fractions. */
function play({ nodes, replicas, actions, manifests = [], runFor = '20m' }: Setting) {
  const run = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'kubectl' },
      spec: {
        seed: 3,
        runFor,
        cluster: { pools: [{ name: 'n', count: nodes }] },
        manifests: [WEB(replicas), ...manifests],
        behaviours: [{ start: '1s' }],
        actions,
        record: ['actions'],
      },
    }),
  );
  const result = run.finish();
  return { run, result, lines: result.actions.map(({ at, line }) => `${Math.floor(toSeconds(at))} ${line}`) };
}

describe('rollout status', () => {
  it('tells of every change until the rollout has ended', () => {
    const { lines } = play({
      nodes: 2,
      replicas: 2,
      actions: [
        { at: '1m', kubectl: 'set env deployment/web A=b' },
        { at: '1m', kubectl: 'rollout status deployment/web' },
        { at: '2m', kubectl: 'rollout status deployment/web' },
      ],
    });
    expect(lines.slice(0, 2)).toEqual([
      '60 deployment "web" successfully rolled out', // asked for before the change has been made
      '60 deployment.apps/web env updated',
    ]);
    expect(lines.at(-1)).toBe('120 deployment "web" successfully rolled out');
  });

  it('gives up after its time-out', () => {
    const { lines, result } = play({
      nodes: 1,
      replicas: 1,
      actions: [
        { at: '1m', kubectl: 'set resources deployment/web --requests=cpu=64' },
        { at: '61s', kubectl: 'rollout status deployment/web --timeout=30s', expectError: 'timed out' },
      ],
    });
    expect(lines.slice(1)).toEqual([
      '61 Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...',
      '91 error: timed out waiting for the condition',
    ]);
    expect(result.failedActions).toBe(0);
  });

  it('that never ends is named at the end of the run', () => {
    const { lines } = play({
      nodes: 1,
      replicas: 1,
      actions: [
        { at: '1m', kubectl: 'set resources deployment/web --requests=cpu=64' },
        { at: '61s', kubectl: 'rollout status deployment/web' },
      ],
      runFor: '5m',
    });
    expect(lines.at(-1)).toBe(
      '300 not ended: Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...',
    );
  });
});

describe('rollout undo of a DaemonSet', () => {
  it('puts the template of the revision before back', () => {
    const agent = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: {
        selector: { matchLabels: { app: 'agent' } },
        template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'agent:1' }] } },
      },
    };
    const { run, lines } = play({
      nodes: 1,
      replicas: 1,
      manifests: [agent],
      actions: [
        { at: '1m', kubectl: 'rollout undo ds/agent', expectError: 'no last revision to roll back to' },
        { at: '2m', kubectl: 'set image ds/agent c=agent:2' },
        { at: '3m', kubectl: 'rollout undo ds/agent' },
        { at: '4m', kubectl: 'rollout history ds/agent' },
      ],
    });
    expect(lines.slice(2)).toEqual([
      '180 daemonset.apps/agent rolled back',
      '240 daemonset.apps/agent ',
      '240 REVISION  CHANGE-CAUSE',
      '240 2         <none>',
      '240 3         <none>',
    ]);
    expect(run.cluster.get('DaemonSet', 'default/agent')?.spec.template.spec?.containers[0]?.image).toBe('agent:1');
  });
});

describe('a rolling upgrade of nodes', () => {
  it('with surge: a new machine joins, an old one is drained and goes, one after the other', () => {
    const { run, lines } = play({ nodes: 2, replicas: 2, actions: [{ at: '1m', upgradeNodes: 'n' }] });
    const steps = lines.map((line) => line.replace(/^\d+ /, '')).filter((line) => !/^(pod|evicting)/.test(line));
    expect(steps).toEqual([
      'machine n-2 added',
      'node/n-0 cordoned',
      'node/n-0 drained',
      'node "n-0" deleted',
      'n-0 gave way to n-2 (1 of 2)',
      'machine n-3 added',
      'node/n-1 cordoned',
      'node/n-1 drained',
      'node "n-1" deleted',
      'n-1 gave way to n-3 (2 of 2)',
    ]);
    expect([...run.cluster.list('Node')].map(({ metadata }) => metadata.name)).toEqual(['n-2', 'n-3']);
    expect(run.cluster.get('Deployment', 'default/web')?.status?.readyReplicas).toBe(2);
  });

  it('without surge an old machine goes before a new one joins', () => {
    const { lines } = play({
      nodes: 3,
      replicas: 2,
      actions: [{ at: '1m', upgradeNodes: 'n', maxSurge: 0, maxUnavailable: 1, soak: '30s' }],
    });
    const steps = lines.map((line) => line.replace(/^\d+ /, '')).filter((line) => /deleted|machine/.test(line));
    expect(steps).toEqual([
      'node "n-0" deleted',
      'machine n-3 added',
      'node "n-1" deleted',
      'machine n-4 added',
      'node "n-2" deleted',
      'machine n-5 added',
    ]);
  });

  it('held by a budget that allows nothing names it, and the nodes that overtake it', () => {
    const { lines, result } = play({
      nodes: 2,
      replicas: 1,
      manifests: [BUDGET],
      actions: [{ at: '1m', upgradeNodes: 'n', maxSurge: 2 }],
    });
    const held = expect.stringMatching(
      /drain of n-\d: pod default\/web-\S+ is held: The disruption budget web needs 1 healthy pods and has 1 currently; web never allows one: it wants 1 of 1 pods healthy$/,
    );
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^1200 not ended: upgrade of n: 1 of 2 nodes are done; n-\d under way$/),
      held,
    ]);
    expect(result.failedActions).toBe(0);
  });

  it('stops at a drain that times out, or takes the node away all the same', () => {
    const upgrade = { at: '1m', upgradeNodes: 'n', timeout: '1m' };
    const setting = { nodes: 1, replicas: 1, manifests: [BUDGET] };
    const stopped = play({ ...setting, actions: [{ ...upgrade, expectError: true }] });
    expect(stopped.lines.slice(-2)).toEqual([
      expect.stringMatching(
        /error: unable to drain node "n-0" due to error: error when evicting .*: global timeout reached: 1m0s$/,
      ),
      expect.stringContaining('error: the upgrade of n stops at n-0: 0 nodes are left'),
    ]);
    const forced = play({ ...setting, actions: [{ ...upgrade, afterDrainTimeout: 'remove' }] });
    expect(forced.lines.at(-1)).toMatch(/n-0 gave way to n-1 \(1 of 1\)$/);
    expect(forced.run.cluster.get('Deployment', 'default/web')?.status?.readyReplicas).toBe(1);
  });
});

describe('what cannot work', () => {
  it('a CronJob for a day that never comes gets an event, and never a Job', () => {
    const { run } = play({
      nodes: 1,
      replicas: 1,
      actions: [{ at: '1m', kubectl: 'create cronjob never --image=x --schedule="0 0 31 2 *"' }],
    });
    const told = [...run.cluster.list('Event')].filter(({ involvedObject }) => involvedObject.name === 'never');
    expect(told.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'InvalidSchedule: invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second',
    ]);
    expect([...run.cluster.list('Job')]).toEqual([]);
  });

  it('a selector that overlaps takes nothing from another owner, and its own pods are its own', () => {
    const { run } = play({
      nodes: 1,
      replicas: 2,
      actions: [{ at: '1m', create: [{ ...WEB(1), metadata: { name: 'twin' } }] }],
    });
    const owners = [...run.cluster.list('Pod')].map(
      ({ metadata }) => metadata.ownerReferences?.[0]?.name.split('-')[0],
    );
    expect(owners.sort()).toEqual(['twin', 'web', 'web']);
  });

  it('what may not change is refused in the words of the API', () => {
    const { lines, result } = play({
      nodes: 1,
      replicas: 1,
      actions: [{ at: '1m', patch: 'deployment/web', with: { spec: { selector: { matchLabels: { app: 'x' } } } } }],
    });
    expect(lines[0]).toMatch(/^60 The Deployment "web" is invalid: .*field is immutable/s);
    expect(result.failedActions).toBe(1);
  });
});
