import { constant, seconds } from '../../../engine/index.js';
import { type ANodeOptions, aNode } from '../../helpers/a-node.js';

const exitsAfter = (life: number, code: number) => ({ exits: [{ after: constant(seconds(life)), code }] });

/** A container that lives so long and exits with this code; from each exit to the next start, seconds. */
function delays(life: number, code: number, options: ANodeOptions, until: string): readonly number[] {
  const node = aNode({ ...options, behaviours: { c: exitsAfter(life, code) } });
  node.runUntil('5s');
  node.apply({ name: 'crash', spec: {} });
  node.runUntil(until);
  const starts = node.starts('crash');
  return starts.slice(1).map((start, i) => start - ((starts[i] as number) + life));
}

const expectWithin = (found: readonly number[], ranges: readonly (readonly [number, number])[]): void => {
  ranges.forEach(([least, most], i) => {
    expect(found[i]).toBeGreaterThanOrEqual(least);
    expect(found[i]).toBeLessThanOrEqual(most);
  });
};

describe('a container that crashes at once', () => {
  // Seen at a relist (0 to 1 s after the exit); then looked at when the back-off ends, stretched by half of what was left, at the
  // next tick of the sync loop. Waits longer than 60 s are cut there and asked again.
  it('restarts at once, then after 10, 20, 40, 80, 160 and 300 s, each stretched by half at most [37]', () => {
    const ranges = [
      [0, 1.1],
      [10, 16.1],
      [20, 31.1],
      [40, 61.1],
      [80, 92],
      [160, 182],
      [300, 331],
      [300, 331],
    ] as const;
    for (const seed of [1, 2, 3, 4]) {
      expectWithin(delays(1, 1, { seed }, '1500s'), ranges);
    }
  });

  // In 1.23 a pod in back-off is looked at every 10 to 15 s, and each look waits for the next relist.
  it('restarts up to 17 s after each back-off [23]', () => {
    const steps = [10, 20, 40, 80, 160, 300];
    const ranges = [[0, 2.1] as const, ...steps.map((step) => [step, step + 17] as const)];
    for (const seed of [1, 2, 3]) {
      expectWithin(delays(1, 1, { seed, kubernetesVersion: '1.23' }, '1000s'), ranges);
    }
  });

  it('waits as long after an exit with 0', () => {
    const ranges = [
      [0, 1.1],
      [10, 16.1],
      [20, 31.1],
    ] as const;
    expectWithin(delays(5, 0, {}, '120s'), ranges);
  });

  it('honours a lower cap [37]', () => {
    const configuration = { crashLoopBackOff: { maxContainerRestartPeriod: '5s' } };
    const ranges = [[0, 1.1] as const, ...Array.from({ length: 8 }, () => [5, 8.6] as const)];
    expectWithin(delays(1, 1, { configuration }, '120s'), ranges);
  });

  // 590 s of running and 20 s of back-off are more than 600 s since the last restart: housekeeping forgets the series while the
  // pod waits. The first restart (no back-off) arms 10 s, the second (after 10 s) 20 s.
  it('begins anew when the series is forgotten during the wait', () => {
    const found = delays(590, 1, {}, '3000s');
    expectWithin(found, [
      [0, 1.1],
      [10, 16.1],
    ]);
    // Forgotten 600 s after the restart, 10 s after the exit, instead of 20; seen at the requeue for the 20 s.
    expect(found[2]).toBeGreaterThan(10);
    expect(found[2]).toBeLessThan(31.1);
    // The entry was made anew by that restart: 10 s again, not 40.
    expect(found[3]).toBeLessThan(16.1);
  });
});

describe('what the API shows of a crash loop', () => {
  it('shows the exit first, and CrashLoopBackOff only at the next sync [37]', () => {
    const node = aNode({ behaviours: { c: exitsAfter(1, 1) } });
    node.runUntil('5s');
    node.apply({ name: 'crash', spec: {} });
    node.runUntil('60s');
    const seen = node.history('crash').map(({ pod }) => {
      const { state, restartCount, lastState } = pod.status?.containerStatuses?.[0] ?? {};
      const what = state?.running ? 'running' : (state?.terminated?.reason ?? state?.waiting?.reason ?? 'nothing');
      return `${what} ${restartCount ?? 0}${lastState?.terminated ? ` after ${lastState.terminated.exitCode}` : ''}`;
    });
    expect([...new Set(seen)].slice(0, 8)).toEqual([
      'nothing 0',
      'ContainerCreating 0',
      'running 0',
      'Error 0',
      'running 1 after 1',
      'Error 1 after 1',
      'CrashLoopBackOff 1 after 1',
      'running 2 after 1',
    ]);
    // A pod whose containers are backing off stays Running, not ready.
    const waiting = node
      .history('crash')
      .find(({ pod }) => pod.status?.containerStatuses?.[0]?.state?.waiting?.message);
    expect(waiting?.pod.status?.phase).toBe('Running');
    const { uid } = waiting?.pod.metadata ?? {};
    expect(waiting?.pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
      `back-off 10s restarting failed container=c pod=crash_default(${uid})`,
    );
  });

  it('tells BackOff at every sync that finds the container backing off', () => {
    const node = aNode({ behaviours: { c: exitsAfter(1, 1) } });
    node.runUntil('5s');
    node.apply({ name: 'crash', spec: {} });
    node.runUntil('200s');
    const backOff = node.events('crash').filter(({ event }) => event.reason === 'BackOff');
    expect(backOff.length).toBeGreaterThan(3);
    expect(backOff.at(-1)?.event.count).toBe(backOff.length);
    expect(backOff[0]?.event.involvedObject.fieldPath).toBe('spec.containers{c}');
  });
});

describe('the restart policy', () => {
  const run = (restartPolicy: string, code: number) => {
    const node = aNode({ behaviours: { c: exitsAfter(2, code) } });
    node.runUntil('5s');
    node.apply({ name: 'job', spec: { restartPolicy } });
    node.runUntil('60s');
    return node;
  };

  it('Never ends the pod, Failed or Succeeded', () => {
    expect(run('Never', 0).pod('job')?.status?.phase).toBe('Succeeded');
    const failed = run('Never', 3).pod('job')?.status;
    expect(failed?.phase).toBe('Failed');
    expect(failed?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 3 } } });
  });

  it('OnFailure restarts a failure and lets a success be', () => {
    expect(run('OnFailure', 0).pod('job')?.status?.phase).toBe('Succeeded');
    expect(run('OnFailure', 1).pod('job')?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(1);
  });

  // Seen by a relist ≤ 1 s after the exit; the worker goes through sync, terminating and terminated, each waiting for a newer list.
  it('shows the exit up to 1 s later, the terminal phase 1 s after that', () => {
    const node = run('Never', 0);
    const exit = (node.starts('job')[0] as number) + 2;
    const exited = node.when('job', (pod) => pod.status?.containerStatuses?.[0]?.state?.terminated !== undefined);
    const ended = node.when('job', (pod) => pod.status?.phase === 'Succeeded');
    expect((exited as number) - exit).toBeLessThan(1.1);
    expect((ended as number) - (exited as number)).toBeCloseTo(1, 1);
  });
});

describe('restartPolicyRules of a container [37]', () => {
  const exitCodes = (...values: number[]) => ({ operator: 'In', values });

  it('restart it although the pod has restartPolicy Never, until it exits with a code they do not name', () => {
    const node = aNode({
      behaviours: {
        c: {
          exits: [
            { after: constant(seconds(2)), code: 42 },
            { after: constant(seconds(2)), code: 7 },
          ],
        },
      },
    });
    node.runUntil('5s');
    const rules = [{ action: 'Restart', exitCodes: exitCodes(42) }];
    const containers = [{ name: 'c', image: 'app:v1', restartPolicy: 'Never', restartPolicyRules: rules }];
    node.apply({ name: 'worker', spec: { restartPolicy: 'Never', containers } });
    node.runUntil('30s');
    const status = node.pod('worker')?.status;
    expect(status?.phase).toBe('Failed');
    expect(status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 7 } } });
  });

  it('restart all containers from the first init container on, in the same sandbox', () => {
    const node = aNode({
      behaviours: {
        setup: { exits: [{ after: constant(seconds(3)), code: 0 }] },
        worker: {
          exits: [
            { after: constant(seconds(10)), code: 42 },
            { after: constant(seconds(1000)), code: 0 },
          ],
        },
        helper: { sigterm: 'ignored' },
      },
    });
    node.runUntil('5s');
    const rules = [{ action: 'RestartAllContainers', exitCodes: exitCodes(42) }];
    node.apply({
      name: 'gang',
      spec: {
        restartPolicy: 'Never',
        initContainers: [
          { name: 'setup', image: 'app:v1' },
          { name: 'side', image: 'app:v1', restartPolicy: 'Always' },
        ],
        containers: [
          { name: 'worker', image: 'app:v1', restartPolicy: 'Never', restartPolicyRules: rules },
          { name: 'helper', image: 'app:v1' },
        ],
      },
    });
    node.runUntil('60s');
    const { containerStatuses, initContainerStatuses, podIP } = node.pod('gang')?.status ?? {};
    for (const status of [...(containerStatuses ?? []), ...(initContainerStatuses ?? [])]) {
      expect(status).toMatchObject({ restartCount: 1 });
    }
    expect(initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
    const isRestarting = (status: string) =>
      node.when('gang', (pod) =>
        (pod.status?.conditions ?? []).some((c) => c.type === 'AllContainersRestarting' && c.status === status),
      );
    // The exit is seen at most 1 s later. Of its 30 s for SIGTERM the helper gets the least window, 2 s; the sidecar stops in 0.2 s.
    // Then setup runs 3 s again, and its end is seen at most 1 s later.
    const [first, second] = node.starts('gang') as [number, number];
    expect(isRestarting('True')).toBeLessThan(first + 11.1);
    expect(second).toBeGreaterThan(first + 15.2);
    expect(second).toBeLessThan(first + 17.3);
    expect(node.history('gang').filter(({ pod }) => pod.status?.podIP && pod.status.podIP !== podIP)).toEqual([]);
  });
});
