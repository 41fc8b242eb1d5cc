import { milliseconds, seconds, toSeconds } from '../../../engine/index.js';
import type { ConfigMap, Lease, Pod } from '../../../models/api/index.js';
import type { Draft, Informer } from '../../../models/client-go/index.js';
import { aPod } from '../../helpers/a-pod.js';
import { type AnApiServer, anApiServer } from '../../helpers/an-api-server.js';

const configMap = (name: string, value = ''): Draft<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});

/** Notes what an informer tells, as "+name at seconds". */
function listen<T extends Pod | ConfigMap>({ simulation }: AnApiServer, informer: Informer<T>): string[] {
  const heard: string[] = [];
  const note = (sign: string) => (object: T) =>
    heard.push(`${sign}${object.metadata.name} at ${toSeconds(simulation.now)}`);
  informer.onChange({ added: note('+'), modified: note('~'), deleted: note('-') });
  return heard;
}

const LATENCY = { apiCall: milliseconds(4), watchDelivery: milliseconds(3) };

describe('a watch of one node’s pods', () => {
  it('begins with the binding, ends with the pod, and hears of no other node', () => {
    const control = anApiServer(LATENCY);
    const { registry } = control.server;
    const kubelet = control.server.informers({ name: 'kubelet', from: 'node/n1' });
    const heard = listen(control, kubelet.informer('Pod', { nodeName: 'n1' }));
    kubelet.start();
    control.simulation.runUntil(seconds(1));
    registry.create('Pod', aPod('a'));
    registry.create('Pod', aPod('b', { spec: { nodeName: 'n2' } }));
    control.simulation.runUntil(seconds(2));
    registry.bind('default/a', '', 'n1');
    registry.bind('default/b', '', 'n2');
    control.simulation.runUntil(seconds(3));
    registry.delete('Pod', 'default/a', { gracePeriodSeconds: 0 });
    control.simulation.runUntil(seconds(4));
    expect(heard).toEqual(['+a at 2.003', '~a at 3.003', '-a at 3.003']);
  });
});

describe('a watch with drawn latencies', () => {
  it('keeps the order of the writes', () => {
    const control = anApiServer({ watchDelivery: { kind: 'exponential', mean: milliseconds(50) } });
    const informer = control.informers.informer('ConfigMap');
    const heard: string[] = [];
    const note = ({ data }: ConfigMap) => heard.push(data?.value ?? '');
    informer.onChange({ added: note, modified: note, deleted: () => {} });
    control.informers.start();
    control.simulation.runUntil(seconds(1));
    control.server.registry.create('ConfigMap', configMap('a', '0'));
    for (let i = 1; i < 100; i++) {
      control.simulation.runUntil(seconds(1) + i * 1000);
      control.server.registry.patch('ConfigMap', 'default/a', (now) => ({ ...now, data: { value: String(i) } }));
    }
    control.simulation.runUntil(seconds(10));
    expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });
});

describe('a watch over a cut network', () => {
  const aCut = (from: number, until: number, change: (control: AnApiServer) => void) => {
    const control = anApiServer(LATENCY);
    const { registry } = control.server;
    registry.create('ConfigMap', configMap('kept'));
    registry.create('ConfigMap', configMap('changed'));
    registry.create('ConfigMap', configMap('dropped'));
    const kubelet = control.server.informers({ name: 'kubelet', from: 'node/n1' });
    const heard = listen(control, kubelet.informer('ConfigMap'));
    kubelet.start();
    control.simulation.runUntil(seconds(from));
    heard.length = 0;
    const heal = control.network.cut('node/n1', 'control-plane');
    change(control);
    control.simulation.runUntil(seconds(until));
    expect(heard).toEqual([]);
    heal();
    control.simulation.runUntil(seconds(until + 120));
    return heard;
  };
  const allThree = ({ server, simulation }: AnApiServer) => {
    simulation.runUntil(seconds(12));
    server.registry.delete('ConfigMap', 'default/dropped', {});
    server.registry.patch('ConfigMap', 'default/changed', (now) => ({ ...now, data: { value: 'x' } }));
    server.registry.create('ConfigMap', configMap('new'));
    server.registry.create('ConfigMap', configMap('brief'));
    server.registry.delete('ConfigMap', 'default/brief', {});
  };

  it('of less than 45 s hears everything late, when TCP sends it again', () => {
    // First lost at 12.003 s, sent again 0.2, 0.6, 1.4, 3.0 and 6.2 s later: the last is the first after the network healed at 16 s.
    expect(aCut(10, 16, allThree)).toEqual(
      ['-dropped', '~changed', '+new', '+brief', '-brief'].map((told) => `${told} at 18.203`),
    );
  });

  it('of more than 45 s lists anew and tells the differences, the ends last', () => {
    const heard = aCut(10, 100, allThree);
    expect(heard.map((told) => told.split(' ')[0])).toEqual(['~changed', '+new', '-dropped']);
    // The connection is given up at 55 s; back-offs of 0.8, 1.6, 3.2 s (up to twice as long) and dials of 30 s follow.
    const at = Number(heard[0]?.split(' at ')[1]);
    expect(at).toBeGreaterThan(100);
    expect(at).toBeLessThan(100 + 31);
  });

  it('is as good as none when nothing happened in it', () => {
    expect(aCut(10, 16, () => {})).toEqual([]);
  });
});

describe('a process that dies', () => {
  it('loses its caches without a word and lists anew when it comes back', () => {
    const control = anApiServer(LATENCY);
    const { registry } = control.server;
    registry.create('ConfigMap', configMap('a'));
    const informer = control.informers.informer('ConfigMap');
    const heard = listen(control, informer);
    control.informers.start();
    control.simulation.runUntil(seconds(1));
    control.informers.stop();
    expect([informer.size, informer.hasSynced]).toEqual([0, false]);
    registry.create('ConfigMap', configMap('b'));
    control.simulation.runUntil(seconds(2));
    control.informers.start();
    control.simulation.runUntil(seconds(3));
    expect(heard).toEqual(['+a at 0.004', '+a at 2.004', '+b at 2.004']);
  });

  it('is told once that all its caches are filled', () => {
    const control = anApiServer(LATENCY);
    const synced: number[] = [];
    control.informers.informer('Pod');
    control.informers.informer('Node');
    control.informers.whenSynced(() => synced.push(control.simulation.now));
    control.informers.start();
    control.simulation.runUntil(seconds(1));
    expect(synced).toEqual([milliseconds(4)]);
  });
});

describe('indexes of an informer', () => {
  it('follow their objects', () => {
    const control = anApiServer();
    const { registry } = control.server;
    const pods = control.informers.informer('Pod');
    control.informers.start();
    control.settle();
    const names = (index: 'node' | 'owner' | 'label' | 'namespace', term: string) =>
      [...pods.byIndex(index, term)].map(({ metadata }) => metadata.name);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true };
    registry.create('Pod', aPod('a', { labels: { app: 'web' }, ownerReferences: [owner] }));
    registry.create('Pod', aPod('b', { labels: { app: 'web' } }));
    control.settle();
    expect(names('label', 'default/app=web')).toEqual(['a', 'b']);
    expect(names('owner', 'u')).toEqual(['a']);
    expect(names('owner', '')).toEqual(['b']);
    registry.bind('default/b', '', 'n1');
    registry.patch('Pod', 'default/a', (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { app: 'db' } } }));
    control.settle();
    expect(names('node', 'n1')).toEqual(['b']);
    expect(names('label', 'default/app=web')).toEqual(['b']);
    registry.delete('Pod', 'default/b', { gracePeriodSeconds: 0 });
    control.settle();
    expect(names('node', 'n1')).toEqual([]);
    expect(names('namespace', 'default')).toEqual(['a']);
  });
});

describe('versions that are computed on read', () => {
  const renewedEach10s = {
    at: (time: number, lease: Lease): Lease => ({
      ...lease,
      spec: { ...lease.spec, renewTime: Math.floor(time / seconds(10)) * seconds(10) },
    }),
  };

  it('show in reads and, as late as its watch is, in an informer, without an event until they are settled', () => {
    const control = anApiServer(LATENCY);
    const { server, simulation, informers } = control;
    const leases = informers.informer('Lease');
    const heard: number[] = [];
    leases.onChange({ added: () => {}, modified: ({ spec }) => heard.push(spec.renewTime ?? 0), deleted: () => {} });
    const key = 'kube-node-lease/n1';
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;
    server.registry.create('Lease', { ...lease, metadata: { name: 'n1', namespace: 'kube-node-lease' }, spec: {} });
    informers.start();
    simulation.runUntil(seconds(5));
    server.computed.compute('Lease', key, renewedEach10s);
    const events = simulation.eventCount;
    simulation.runUntil(seconds(100) + milliseconds(2));
    expect(simulation.eventCount).toBe(events);
    expect(server.get('Lease', key)?.spec.renewTime).toBe(seconds(100));
    expect(leases.get(key)?.spec.renewTime).toBe(seconds(90));
    simulation.runUntil(seconds(100) + milliseconds(3));
    expect(leases.get(key)?.spec.renewTime).toBe(seconds(100));
    server.computed.settle('Lease', key);
    simulation.runUntil(seconds(200));
    expect(server.get('Lease', key)?.spec.renewTime).toBe(seconds(100));
    expect(heard).toEqual([seconds(100)]);
  });

  it.each([
    ['latencies are drawn', { apiCall: { kind: 'exponential', mean: 4000 } as const }],
    ['somebody records leases', { record: ['leases'] }],
  ])('are not allowed when %s', (_, options) => {
    expect(anApiServer(options).server.computed.isAllowed).toBe(false);
  });
});
