import { seconds } from '../../../engine/index.js';
import type { Lease, Node } from '../../../models/api/index.js';
import {
  computeZoneState,
  decideDisruption,
  evictionRate,
  gracePeriodOf,
  isStale,
  type NodeHealth,
  noExecuteAction,
  noScheduleChange,
  observeNodeHealth,
  silentConditions,
  type ZoneState,
  type ZoneVotes,
} from '../../../models/node-lifecycle-controller/decisions.js';
import { nodeLifecycleConfiguration, nodeLifecycleFlags } from '../../../models/node-lifecycle-controller/index.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';

const v1_37 = defaultsFor('1.37') as Defaults;
const v1_23 = defaultsFor('1.23') as Defaults;
const config = nodeLifecycleConfiguration(v1_37);

const node = (ready: string | undefined, heartbeat = 0, parts: Partial<Node['spec']> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', creationTimestamp: seconds(5) },
  spec: parts,
  status:
    ready === undefined
      ? {}
      : {
          conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: seconds(heartbeat), lastTransitionTime: 0 }],
        },
});

const lease = (renewTime: number): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'n', namespace: 'kube-node-lease' },
  spec: { renewTime: seconds(renewTime) },
});

const at = (time: number) => ({ status: seconds(time), lease: seconds(time) });

describe('a look at a node', () => {
  const first = observeNodeHealth(node('True', 1), lease(1), undefined, at(10));

  it('counts the first sight as a sign of life, by the controller’s own clock', () => {
    expect(first.probeTimestamp).toBe(seconds(10));
  });

  it('takes a changed heartbeat for a sign of life, whichever way it moved', () => {
    expect(observeNodeHealth(node('True', 0), undefined, first, at(20)).probeTimestamp).toBe(seconds(20));
  });

  it('takes a later renewTime for a sign of life, an earlier one not', () => {
    expect(observeNodeHealth(node('True', 1), lease(2), first, at(20)).probeTimestamp).toBe(seconds(20));
    expect(observeNodeHealth(node('True', 1), lease(0), first, at(20)).probeTimestamp).toBe(seconds(10));
  });

  it('forgets the Lease when only the status moved, so that the same Lease is news to the next look', () => {
    const second = observeNodeHealth(node('True', 2), lease(1), first, at(15));
    expect(second.probeTimestamp).toBe(seconds(15));
    expect(observeNodeHealth(node('True', 2), lease(1), second, at(20)).probeTimestamp).toBe(seconds(20));
  });

  it('counts the life of a node without any status from its creation', () => {
    expect(observeNodeHealth(node(undefined), undefined, undefined, at(30)).probeTimestamp).toBe(seconds(5));
  });
});

describe('staleness', () => {
  const seenAt = (time: number): NodeHealth => ({
    probeTimestamp: seconds(time),
    readyTransitionTimestamp: 0,
    conditions: [],
    lease: undefined,
  });

  it('begins strictly after the grace period', () => {
    expect(isStale(seenAt(10), seconds(50), seconds(60))).toBe(false);
    expect(isStale(seenAt(10), seconds(50), seconds(60) + 1)).toBe(true);
  });

  it('is granted 50 s [37] or 40 s [23], and 60 s while no status was ever posted', () => {
    expect(gracePeriodOf(node('True'), config)).toBe(seconds(50));
    expect(gracePeriodOf(node('True'), nodeLifecycleConfiguration(v1_23))).toBe(seconds(40));
    expect(gracePeriodOf(node(undefined), config)).toBe(seconds(60));
  });

  it('turns the four conditions of the kubelet Unknown and says which were never posted', () => {
    const conditions = silentConditions(node('True', 3), seconds(99.5));
    expect(conditions).toEqual([
      expect.objectContaining({
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        lastHeartbeatTime: seconds(3),
        lastTransitionTime: seconds(99),
      }),
      ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) =>
        expect.objectContaining({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated' }),
      ),
    ]);
  });

  it('leaves conditions alone that are Unknown already, and those of the network', () => {
    const network = { type: 'NetworkUnavailable', status: 'False' };
    const silent: Node = {
      ...node('Unknown'),
      status: { conditions: [network, { type: 'Ready', status: 'Unknown' }] },
    };
    expect(silentConditions(silent, 0).slice(0, 2)).toEqual(silent.status?.conditions);
  });
});

describe('taints', () => {
  const taint = (key: string, effect = 'NoSchedule') => ({ key: `node.kubernetes.io/${key}`, effect });

  it.each([
    ['Ready=False', [{ type: 'Ready', status: 'False' }], ['not-ready']],
    ['Ready=Unknown', [{ type: 'Ready', status: 'Unknown' }], ['unreachable']],
    [
      'pressure',
      [
        { type: 'MemoryPressure', status: 'True' },
        { type: 'DiskPressure', status: 'True' },
      ],
      ['memory-pressure', 'disk-pressure'],
    ],
    ['pressure that is Unknown', [{ type: 'PIDPressure', status: 'Unknown' }], []],
    ['no network', [{ type: 'NetworkUnavailable', status: 'True' }], ['network-unavailable']],
  ])('NoSchedule follows %s', (_, conditions, keys) => {
    const change = noScheduleChange({ ...node('True'), status: { conditions } });
    expect(change).toEqual({ add: keys.map((key) => taint(key)), remove: [] });
  });

  it('NoSchedule is taken off when its condition has gone, others stay', () => {
    const taints = [taint('not-ready'), taint('not-ready', 'NoExecute'), { key: 'mine', effect: 'NoSchedule' }];
    expect(noScheduleChange(node('True', 0, { taints }))).toEqual({ add: [], remove: [taint('not-ready')] });
  });

  it('NoSchedule tells a cordoned node', () => {
    expect(noScheduleChange(node('True', 0, { unschedulable: true })).add).toEqual([taint('unschedulable')]);
  });

  it.each([
    ['True', [], 'untaint'],
    ['False', [], 'queue'],
    ['Unknown', [taint('unreachable', 'NoExecute')], 'queue'],
    ['Unknown', [taint('not-ready', 'NoExecute')], 'swap'],
    ['False', [taint('unreachable', 'NoExecute')], 'swap'],
  ])('NoExecute: a node that is %s with %j is due to %s', (ready, taints, kind) => {
    expect(noExecuteAction(node(ready, 0, { taints }), ready).kind).toBe(kind);
  });
});

describe('the state of a zone', () => {
  it.each([
    [{ ready: 0, notReady: 1 }, 'FullDisruption'],
    [{ ready: 1, notReady: 2 }, 'Normal'], // two are never a disruption
    [{ ready: 2, notReady: 3 }, 'PartialDisruption'], // 0.6 ≥ 0.55
    [{ ready: 9, notReady: 11 }, 'PartialDisruption'], // exactly 0.55, in float32 as there
    [{ ready: 10, notReady: 10 }, 'Normal'],
    [{ ready: 0, notReady: 0 }, 'Normal'],
  ])('of %j is %s', (votes, state) => {
    expect(computeZoneState(votes, 0.55)).toBe(state);
  });

  it.each([
    ['Normal', 10, 0.1],
    ['FullDisruption', 10, 0.1],
    ['PartialDisruption', 50, 0], // up to 50 nodes a zone is small
    ['PartialDisruption', 51, 0.01],
  ] as const)('%s with %i nodes lets %f nodes a second be tainted', (state, size, rate) => {
    expect(evictionRate(state, size, config)).toBe(rate);
  });
});

describe('disruption', () => {
  const up: ZoneVotes = { ready: 3, notReady: 0 };
  const down: ZoneVotes = { ready: 0, notReady: 3 };
  const decide = (before: readonly ZoneState[], ...votes: readonly ZoneVotes[]) =>
    decideDisruption(
      new Map(before.map((state, i) => [`z${i}`, state])),
      new Map(votes.map((vote, i) => [`z${i}`, vote])),
      config,
    );

  it('of one zone among several leaves that zone its normal rate', () => {
    const decision = decide(['Normal', 'Normal'], down, up);
    expect(decision.masterDisruption).toBe('unchanged');
    expect([...decision.rates]).toEqual([['z0', 0.1]]);
  });

  it('of all zones stops all tainting', () => {
    const decision = decide(['FullDisruption', 'Normal'], down, down);
    expect(decision.masterDisruption).toBe('enters');
    expect([...decision.rates]).toEqual([
      ['z0', 0],
      ['z1', 0],
    ]);
  });

  it('changes nothing while it lasts, and sets every zone anew when it ends', () => {
    expect(decide(['FullDisruption', 'FullDisruption'], down, down).masterDisruption).toBe('unchanged');
    const end = decide(['FullDisruption', 'FullDisruption'], down, up);
    expect(end.masterDisruption).toBe('leaves');
    expect(end.rates.size).toBe(2);
  });
});

describe('the flags', () => {
  const names = (defaults: Defaults): readonly string[] => nodeLifecycleFlags(defaults).map((flag) => flag.name);

  it('of 1.23 include those of the optional taint manager, of 1.37 not', () => {
    expect(names(v1_23)).toEqual(expect.arrayContaining(['enable-taint-manager', 'pod-eviction-timeout']));
    expect(names(v1_37)).not.toContain('pod-eviction-timeout');
  });

  it('replace the defaults', () => {
    const flags = { 'node-monitor-grace-period': '1m30s', 'node-eviction-rate': '0.5' };
    const { nodeMonitorGracePeriod, nodeEvictionRate } = nodeLifecycleConfiguration(v1_37, flags);
    expect([nodeMonitorGracePeriod, nodeEvictionRate]).toEqual([seconds(90), 0.5]);
  });

  it('are refused by name when they do not parse', () => {
    expect(() => nodeLifecycleConfiguration(v1_37, { 'node-monitor-period': '5' })).toThrow(/--node-monitor-period/);
  });
});
