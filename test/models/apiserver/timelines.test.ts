import { seconds } from '../../../engine/index.js';
import type { Endpoint, EndpointSlice, Node } from '../../../models/api/index.js';
import { aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

type Row = Readonly<Record<string, unknown>>;

function recording(name: string) {
  const { server, simulation, sink } = anApiServer({ record: [name] });
  return {
    registry: server.registry,
    at: (second: number) => simulation.runUntil(seconds(second)),
    rows: (...columns: string[]) =>
      sink.rows<Row>(name).map(({ at, row }) => [at / 1e6, ...columns.map((column) => row[column])]),
  };
}

describe('the timeline of nodes', () => {
  it('has a row for what changes, and none for a heartbeat', () => {
    const { registry, at, rows } = recording('nodes');
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} };
    registry.create('Node', node);
    const setReady = (status: string, reason: string, lastHeartbeatTime: number) =>
      registry.patchStatus('Node', 'n1', (now) => ({
        ...now,
        status: { conditions: [{ type: 'Ready', status, reason, lastHeartbeatTime }] },
      }));
    at(10);
    setReady('True', 'KubeletReady', seconds(10));
    at(310);
    setReady('True', 'KubeletReady', seconds(310));
    at(400);
    setReady('Unknown', 'NodeStatusUnknown', seconds(310));
    registry.patch('Node', 'n1', (now) => ({
      ...now,
      spec: {
        taints: [
          { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
          { key: 'a', value: 'b', effect: 'NoSchedule' },
        ],
      },
    }));
    expect(rows('change', 'ready', 'reason', 'taints')).toEqual([
      [0, 'added', '', '', ''],
      [10, 'modified', 'True', 'KubeletReady', ''],
      [400, 'modified', 'Unknown', 'NodeStatusUnknown', ''],
      [400, 'modified', 'Unknown', 'NodeStatusUnknown', 'node.kubernetes.io/unreachable:NoExecute a=b:NoSchedule'],
    ]);
  });
});

describe('the timeline of pods', () => {
  it('tells a pod’s life', () => {
    const { registry, at, rows } = recording('pods');
    registry.create('Pod', aPod('p'));
    registry.bind('default/p', '', 'n1');
    at(5);
    registry.patchStatus('Pod', 'default/p', (now) => ({
      ...now,
      status: { ...now.status, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    }));
    registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status: { ...now.status, hostIP: '10.0.0.1' } }));
    at(9);
    registry.delete('Pod', 'default/p', {});
    at(12);
    registry.delete('Pod', 'default/p', { gracePeriodSeconds: 0 });
    expect(rows('change', 'node', 'phase', 'ready', 'deleting', 'grace_s')).toEqual([
      [0, 'added', '', 'Pending', '', 'false', ''],
      [0, 'modified', 'n1', 'Pending', '', 'false', ''],
      [5, 'modified', 'n1', 'Running', 'True', 'false', ''],
      [9, 'modified', 'n1', 'Running', 'True', 'true', 30],
      [12, 'modified', 'n1', 'Running', 'True', 'true', 0],
      [12, 'deleted', 'n1', 'Running', 'True', 'true', 0],
    ]);
  });
});

describe('the timeline of containers', () => {
  it('has a row for each container whose state changes', () => {
    const { registry, rows } = recording('containers');
    registry.create('Pod', aPod('p'));
    const status = { name: 'main', image: 'nginx', imageID: '', ready: false, restartCount: 0 };
    const set = (...containerStatuses: (typeof status & Row)[]) =>
      registry.patchStatus('Pod', 'default/p', (now) => ({ ...now, status: { ...now.status, containerStatuses } }));
    set({ ...status, state: { waiting: { reason: 'ContainerCreating' } } });
    set({ ...status, state: { running: { startedAt: 1 } }, ready: true, started: true });
    set({ ...status, state: { terminated: { exitCode: 137, reason: 'OOMKilled' } }, restartCount: 1 });
    registry.delete('Pod', 'default/p', {});
    expect(rows('container', 'state', 'reason', 'exit_code', 'restart_count', 'ready')).toEqual([
      [0, 'main', 'waiting', 'ContainerCreating', '', 0, 'false'],
      [0, 'main', 'running', '', '', 0, 'true'],
      [0, 'main', 'terminated', 'OOMKilled', 137, 1, 'false'],
      [0, 'main', 'deleted', '', '', 1, 'false'],
    ]);
  });
});

describe('the timeline of endpoints', () => {
  it('tells each endpoint that comes, changes or goes, with the totals of its Service over all slices', () => {
    const { registry, rows } = recording('endpoints');
    const endpoint = (pod: string, conditions: Endpoint['conditions']): Endpoint => ({
      addresses: [`10.0.0.${pod}`],
      conditions,
      targetRef: { kind: 'Pod', name: pod },
    });
    const slice = (name: string, ...endpoints: Endpoint[]): EndpointSlice => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints,
    });
    registry.create('EndpointSlice', slice('web-1', endpoint('1', { ready: true }), endpoint('2', { ready: false })));
    registry.create('EndpointSlice', slice('web-2', endpoint('3', { ready: true })));
    registry.update('EndpointSlice', slice('web-1', endpoint('1', { ready: false, terminating: true })));
    registry.delete('EndpointSlice', 'default/web-1', {});
    expect(rows('pod', 'state', 'ready', 'not_ready', 'terminating')).toEqual([
      [0, '1', 'ready', 1, 1, 0],
      [0, '2', 'not-ready', 1, 1, 0],
      [0, '3', 'ready', 2, 1, 0],
      [0, '1', 'terminating', 1, 0, 1],
      [0, '2', 'removed', 1, 0, 1],
      [0, '1', 'removed', 1, 0, 0],
    ]);
  });
});

describe('a timeline nobody asked for', () => {
  it('is not recorded', () => {
    const { registry, rows } = recording('nodes');
    registry.create('Pod', aPod('p'));
    expect(rows()).toEqual([]);
  });
});
