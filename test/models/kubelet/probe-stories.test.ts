import { constant, seconds } from '../../../engine/index.js';
import type { Container, Pod, Probe } from '../../../models/api/index.js';
import type { ContainerBehaviour } from '../../../models/world/index.js';
import { type ANode, type ANodeOptions, aNode } from '../../helpers/a-node.js';

const probe = (settings: Partial<Probe> = {}): Probe => ({
  exec: { command: ['look'] },
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
  ...settings,
});

function run(
  container: Partial<Container>,
  behaviour: ContainerBehaviour,
  until: string,
  options: ANodeOptions = {},
): ANode {
  const node = aNode({ ...options, behaviours: { c: behaviour } });
  // The kubelet is older than a period: probe workers begin at once.
  node.runUntil('100s');
  node.apply({ name: 'web', spec: { containers: [{ name: 'c', image: 'app:v1', ...container }] } });
  node.runUntil(until);
  return node;
}

const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
const failing = (from: number, until?: number) => ({
  from: seconds(from),
  ...(until !== undefined && { until: seconds(until) }),
});

describe('a readiness probe', () => {
  it('makes a pod ready within a second of its start when it succeeds at once', () => {
    for (const seed of [1, 2, 3]) {
      const node = run({ readinessProbe: probe() }, {}, '120s', { seed });
      const running = node.when('web', (pod) => pod.status?.phase === 'Running') as number;
      expect((node.when('web', isReady) as number) - running).toBeLessThan(1.1);
    }
  });

  // The trace of a real kubelet: initialDelay 5, period 5, failure 2; succeeds from 8 to 30 s and from 45 s after the start.
  it('goes by its ticks after the initial delay, and by its thresholds', () => {
    const readinessProbe = probe({ initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 2 });
    const behaviour = { probes: { readiness: { failing: [failing(0, 8), failing(30, 45)] } } };
    for (const seed of [1, 2, 3]) {
      const node = run({ readinessProbe }, behaviour, '200s', { seed });
      const start = node.starts('web')[0] as number;
      const ready = node.when('web', isReady) as number;
      expect(ready - start).toBeGreaterThan(7.9);
      expect(ready - start).toBeLessThan(13.2);
      // Two failures, 5 s apart, the first within 5 s of the window's begin.
      const unready = node.when('web', (pod) => !isReady(pod), ready) as number;
      expect(unready - start).toBeGreaterThan(34.9);
      expect(unready - start).toBeLessThan(40.2);
      const again = node.when('web', isReady, unready) as number;
      expect(again - start).toBeGreaterThan(44.9);
      expect(again - start).toBeLessThan(50.2);
      // Never restarted.
      expect(node.starts('web')).toHaveLength(1);
    }
  });

  it('tells Unhealthy at every failed attempt', () => {
    const behaviour = { probes: { readiness: { failing: [failing(0)] } } };
    const node = run({ readinessProbe: probe({ periodSeconds: 5 }) }, behaviour, '160s');
    const told = node.events('web').filter(({ event }) => event.reason === 'Unhealthy');
    expect(told.at(-1)?.event.message).toBe('Readiness probe failed: ');
    // 60 s of 5 s ticks, and one or two extra attempts right after the start.
    expect(told.at(-1)?.event.count).toBeGreaterThanOrEqual(12);
    expect(told.at(-1)?.event.count).toBeLessThanOrEqual(15);
  });

  it.each<readonly [string, object, ContainerBehaviour, string]>([
    [
      'a server that does not listen yet',
      { httpGet: { path: 'ready', port: 'web' } },
      { ready: 'never' },
      'Get "http://10.244.0.2:8080/ready": dial tcp 10.244.0.2:8080: connect: connection refused',
    ],
    [
      'a server that is too slow',
      { httpGet: { path: '/ready', port: 8080 } },
      { probes: { readiness: { latency: constant(seconds(3)) } } },
      'Get "http://10.244.0.2:8080/ready": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    ],
    [
      'a server that is not well',
      { httpGet: { path: '/ready', port: 8080 } },
      { probes: { readiness: { failing: [failing(0)] } } },
      'HTTP probe failed with statuscode: 503',
    ],
    [
      'a port that is closed',
      { tcpSocket: { port: 5432 } },
      { ready: 'never' },
      'dial tcp 10.244.0.2:5432: connect: connection refused',
    ],
    [
      'a command that is too slow',
      { exec: { command: ['cat', '/ready'] } },
      { probes: { readiness: { latency: constant(seconds(3)) } } },
      'command timed out: "cat /ready" timed out after 1s',
    ],
    [
      'a gRPC service that is not well',
      { grpc: { port: 9000 } },
      { probes: { readiness: { failing: [failing(0)] } } },
      'service unhealthy (responded with "NOT_SERVING")',
    ],
  ])('says of %s what the kubelet would', (_, handler, behaviour, output) => {
    const ports = [{ name: 'web', containerPort: 8080 }];
    const node = run({ readinessProbe: { ...handler, periodSeconds: 5 }, ports }, behaviour, '130s');
    const told = node.events('web').filter(({ event }) => event.reason === 'Unhealthy');
    expect(told.at(-1)?.event.message).toBe(`Readiness probe failed: ${output}`);
  });

  it('a probe that takes longer than its time-out fails', () => {
    const behaviour = { probes: { readiness: { latency: constant(seconds(3)) } } };
    expect(run({ readinessProbe: probe() }, behaviour, '160s').when('web', isReady)).toBeUndefined();
    const patient = run({ readinessProbe: probe({ timeoutSeconds: 5 }) }, behaviour, '160s');
    expect(patient.when('web', isReady)).toBeGreaterThan(103);
  });
});

describe('a liveness probe', () => {
  // Fails from 20 s after each start, period 5, threshold 3: killed 30 to 35 s after the start, stops in 0.5 s, restarts in the
  // same sync. The back-off looks at the instance before: nobody waits until a cycle of 30 to 36 s is shorter than it (40 s).
  it('restarts at once, until the back-off outgrows the cycle', () => {
    const behaviour: ContainerBehaviour = {
      probes: { liveness: { failing: [failing(20)] } },
      sigterm: { exitsAfter: constant(seconds(0.5)), exitCode: 0 },
    };
    const node = run({ livenessProbe: probe({ periodSeconds: 5 }) }, behaviour, '420s');
    const starts = node.starts('web');
    const cycles = starts.slice(1).map((start, i) => start - (starts[i] as number));
    for (const cycle of cycles.slice(0, 4)) {
      expect(cycle).toBeGreaterThan(30);
      expect(cycle).toBeLessThan(36.6);
    }
    // The fifth kill is refused: 40 s from its own end, stretched by half, and a tick.
    expect(cycles[4]).toBeGreaterThan(70);
    expect(cycles[4]).toBeLessThan(99);
    // An immediate restart leaves the pod ready throughout.
    expect(node.when('web', (pod) => !isReady(pod), node.when('web', isReady) as number)).toBeGreaterThan(
      starts[4] as number,
    );
  });

  it('waits for the grace period where SIGTERM is ignored; a probe may have its own [37]', () => {
    const behaviour: ContainerBehaviour = { probes: { liveness: { failing: [failing(0)] } }, sigterm: 'ignored' };
    const cycle = (settings: Partial<Probe>, options: ANodeOptions = {}): number => {
      const starts = run(
        { livenessProbe: probe({ periodSeconds: 5, ...settings }) },
        behaviour,
        '200s',
        options,
      ).starts('web');
      return (starts[1] as number) - (starts[0] as number);
    };
    // 10 to 15 s until the third failure, then 30 s.
    expect(cycle({})).toBeGreaterThan(40);
    expect(cycle({})).toBeLessThan(46.1);
    expect(cycle({ terminationGracePeriodSeconds: 5 })).toBeLessThan(21.1);
    const old = cycle({ terminationGracePeriodSeconds: 5 }, { kubernetesVersion: '1.23' });
    expect(old).toBeGreaterThan(40);
  });

  it('ends the pod where nothing may restart', () => {
    const node = aNode({ behaviours: { c: { probes: { liveness: { failing: [failing(0)] } } } } });
    node.runUntil('100s');
    const containers = [{ name: 'c', image: 'app:v1', livenessProbe: probe() }];
    node.apply({ name: 'web', spec: { containers, restartPolicy: 'Never' } });
    node.runUntil('200s');
    expect(node.pod('web')?.status?.phase).toBe('Failed');
  });
});

describe('a startup probe', () => {
  it('holds the others back until it succeeds', () => {
    const behaviour: ContainerBehaviour = {
      probes: { startup: { failing: [failing(0, 24)] }, liveness: { failing: [failing(0, 24)] } },
    };
    const startupProbe = probe({ periodSeconds: 5, failureThreshold: 10 });
    const container = { startupProbe, livenessProbe: probe({ periodSeconds: 2 }), readinessProbe: probe() };
    const node = run(container, behaviour, '200s');
    const start = node.starts('web')[0] as number;
    const started = node.when('web', (pod) => pod.status?.containerStatuses?.[0]?.started === true) as number;
    expect(started - start).toBeGreaterThan(24);
    expect(started - start).toBeLessThan(29.1);
    // Readiness is tried at once, not after its period.
    expect((node.when('web', isReady) as number) - started).toBeLessThan(1.1);
    expect(node.starts('web')).toHaveLength(1);
  });

  it('kills when its budget is used up', () => {
    const behaviour: ContainerBehaviour = { probes: { startup: { failing: [failing(0)] } } };
    const node = run({ startupProbe: probe({ periodSeconds: 5, failureThreshold: 4 }) }, behaviour, '200s');
    const starts = node.starts('web');
    // The fourth failure comes 15 to 20 s after the start.
    expect((starts[1] as number) - (starts[0] as number)).toBeGreaterThan(15);
    expect((starts[1] as number) - (starts[0] as number)).toBeLessThan(21.3);
  });
});

function eventsUntil(node: ANode, time: string): number {
  const before = node.simulation.eventCount;
  node.runUntil(time);
  return node.simulation.eventCount - before;
}

describe('a pod whose probes pass', () => {
  it('costs no event once it is ready', () => {
    const container = { readinessProbe: probe(), livenessProbe: probe(), startupProbe: probe() };
    const node = run(container, {}, '300s');
    const empty = aNode();
    empty.runUntil('300s');
    expect(eventsUntil(node, '1h')).toBe(eventsUntil(empty, '1h'));
  });
});
