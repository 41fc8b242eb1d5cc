import { milliseconds, seconds } from '../../../engine/index.js';
import type { Event, Node, Pod } from '../../../models/api/index.js';
import type { Draft } from '../../../models/client-go/index.js';
import { createScheduler, schedulerConfiguration } from '../../../models/scheduler/index.js';
import type { SchedulingRow } from '../../../models/scheduler/timelines.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../helpers/an-api-server.js';

const node = (name: string, cpu = '4', extra: Partial<Node['spec']> = {}): Draft<Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  spec: extra,
  status: { allocatable: { cpu, memory: '16Gi', pods: '110' }, capacity: { cpu, memory: '16Gi', pods: '110' } },
});

const pod = (name: string, cpu = '500m', spec: Partial<Pod['spec']> = {}): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu, memory: '100Mi' } } }], ...spec },
});

/** A scheduler on an API server that answers after 4 ms and tells watchers after 3 ms. */
function aScheduler(kubernetesVersion = '1.37'): AnApiServer {
  const cluster = anApiServer({
    kubernetesVersion,
    apiCall: milliseconds(4),
    watchDelivery: milliseconds(3),
    record: ['scheduling'],
  });
  const defaults = defaultsFor(kubernetesVersion) as Defaults;
  const scheduler = createScheduler(cluster.context, schedulerConfiguration(defaults));
  cluster.informers.start();
  scheduler.start();
  cluster.simulation.runUntil(seconds(1));
  return cluster;
}

const create = (cluster: AnApiServer, object: Draft<Node> | Draft<Pod>): void =>
  object.kind === 'Node'
    ? cluster.user.create('Node', object as Draft<Node>, () => {})
    : cluster.user.create('Pod', object as Draft<Pod>, () => {});

const stored = (cluster: AnApiServer, name: string): Pod => cluster.server.get('Pod', `default/${name}`) as Pod;
const condition = (cluster: AnApiServer, name: string) =>
  stored(cluster, name).status?.conditions?.find(({ type }) => type === 'PodScheduled');
const notes = (cluster: AnApiServer): readonly string[] =>
  [...cluster.server.list('Event')].map(({ reason, message }: Event) => `${reason}: ${message}`);
const attempts = (cluster: AnApiServer) => cluster.sink.rows<SchedulingRow>('scheduling');

describe('the scheduler', () => {
  it('binds a pod to the better node and says so', () => {
    const cluster = aScheduler();
    create(cluster, node('small', '1'));
    create(cluster, node('large', '8'));
    create(cluster, pod('web'));
    cluster.simulation.runUntil(seconds(2));
    expect(stored(cluster, 'web').spec.nodeName).toBe('large');
    expect(condition(cluster, 'web')?.status).toBe('True');
    expect(notes(cluster)).toEqual(['Scheduled: Successfully assigned default/web to large']);
  });

  it('takes 1 ms for the cycle and one request for the binding', () => {
    const cluster = aScheduler();
    create(cluster, node('n1'));
    cluster.simulation.runUntil(seconds(2));
    create(cluster, pod('web'));
    // Stored at 2 ms, seen at 5 ms, decided by 6 ms; the binding arrives at 8 ms and is answered at 10 ms.
    cluster.simulation.runUntil(seconds(2) + milliseconds(10) - 1);
    expect(attempts(cluster)).toEqual([]);
    cluster.simulation.runUntil(seconds(2) + milliseconds(10));
    expect(attempts(cluster).map(({ row }) => [row.cycle_s, row.bind_s])).toEqual([[milliseconds(1), milliseconds(4)]]);
  });

  it('tells a pod why it has no node, and places it when a node comes', () => {
    const cluster = aScheduler();
    create(cluster, node('n1', '1'));
    create(cluster, pod('web', '2'));
    cluster.simulation.runUntil(seconds(5));
    const message = condition(cluster, 'web')?.message ?? '';
    expect(message).toMatch(/^0\/1 nodes are available: 1 Insufficient cpu\./);
    expect(condition(cluster, 'web')?.reason).toBe('Unschedulable');
    expect(notes(cluster)).toEqual([`FailedScheduling: ${message}`]);
    create(cluster, node('n2', '4'));
    cluster.simulation.runUntil(seconds(6));
    expect(stored(cluster, 'web').spec.nodeName).toBe('n2');
  });

  it('leaves a pod alone when a node comes that cannot help', () => {
    const cluster = aScheduler();
    create(cluster, node('n1', '1'));
    create(cluster, pod('web', '2'));
    cluster.simulation.runUntil(seconds(5));
    create(cluster, node('n2', '1'));
    cluster.simulation.runUntil(seconds(60));
    expect(attempts(cluster).map(({ row }) => row.attempt)).toEqual([1]);
  });

  it('without any node tries again after 1, 2, 4, 8, 10 s of back-off, each on the next whole second', () => {
    const cluster = aScheduler();
    cluster.simulation.runUntil(seconds(10));
    create(cluster, pod('web'));
    cluster.simulation.runUntil(seconds(50));
    // Fails at 10.006: 11.006 cut to 11, so the flush at 12 lets it go; then 14.0 cut to 14 plus 1: 15; 20, 29, 40.
    expect(attempts(cluster).map(({ at }) => Math.floor(at / seconds(1)))).toEqual([10, 12, 15, 20, 29, 40]);
    expect(condition(cluster, 'web')?.message).toBe('no nodes available to schedule pods');
  });

  it('binds 100 pods at once and then 50 a second, while decisions go on', () => {
    const cluster = aScheduler();
    for (let i = 0; i < 3; i++) {
      create(cluster, node(`n${i}`, '100'));
    }
    cluster.simulation.runUntil(seconds(10));
    for (let i = 0; i < 200; i++) {
      create(cluster, pod(`p${i}`, '10m'));
    }
    cluster.simulation.runUntil(seconds(20));
    const last = attempts(cluster).at(-1);
    // The bucket holds 100 and fills with 50 a second: the 200th request leaves about 2 s after the first.
    expect(attempts(cluster)).toHaveLength(200);
    expect(last?.at).toBeGreaterThan(seconds(11.8));
    expect(last?.at).toBeLessThan(seconds(12.1));
  });

  it('keeps gated pods out until the last gate is gone', () => {
    const cluster = aScheduler();
    create(cluster, node('n1'));
    create(cluster, pod('web', '500m', { schedulingGates: [{ name: 'wait' }] }));
    cluster.simulation.runUntil(seconds(5));
    expect(attempts(cluster)).toEqual([]);
    cluster.user.patch(
      'Pod',
      'default/web',
      (current) => ({ ...current, spec: { ...current.spec, schedulingGates: undefined } }),
      () => {},
    );
    cluster.simulation.runUntil(seconds(6));
    expect(stored(cluster, 'web').spec.nodeName).toBe('n1');
  });

  it('ignores pods of other schedulers', () => {
    const cluster = aScheduler();
    create(cluster, node('n1'));
    create(cluster, pod('web', '500m', { schedulerName: 'mine' }));
    cluster.simulation.runUntil(seconds(5));
    expect(stored(cluster, 'web').spec.nodeName).toBeUndefined();
  });
});

describe('the scheduler of 1.23', () => {
  it('places pods too, by its own defaults', () => {
    const cluster = aScheduler('1.23');
    create(cluster, node('n1'));
    create(cluster, pod('web'));
    cluster.simulation.runUntil(seconds(5));
    expect(stored(cluster, 'web').spec.nodeName).toBe('n1');
  });
});
