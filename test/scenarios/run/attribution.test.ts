import { seconds } from '../../../engine/index.js';
import { attribute, type SettingsInForce } from '../../../scenarios/run/attribution.js';
import type { NodeStory, PodStory } from '../../../scenarios/run/story.js';

const SETTINGS: SettingsInForce = {
  flag: (name) =>
    ({ 'node-monitor-grace-period': '50s', 'node-monitor-period': '5s', 'node-eviction-rate': '0.1' })[name],
  tolerationSeconds: () => 300,
  taintsAPassLater: false,
};

const NODE: NodeStory = {
  node: 'n',
  lastRenewedAt: seconds(295),
  noticedAt: seconds(348),
  taintedAt: seconds(349),
};

const told = (
  nodes: readonly NodeStory[],
  pods: readonly PodStory[],
  healedAt?: number,
  settings = SETTINGS,
): readonly string[] =>
  attribute({ at: seconds(300), healedAt, nodes, pods }, settings).map((part) => `${part.seconds} ${part.setting}`);

describe('each second from a fault to a ready pod belongs to a setting', () => {
  it('of an evicted and replaced pod', () => {
    const pod: PodStory = {
      pod: 'default/web-0',
      node: 'n',
      notReadyAt: seconds(348),
      leftAt: seconds(649),
      replacedBy: 'default/web-1',
      replacementNode: 'm',
      replacementCreatedAt: seconds(649.5),
      replacementBoundAt: seconds(650),
      replacementStartedAt: seconds(653),
      replacementReadyAt: seconds(660),
    };
    // The lease of 295 s may be silent until 345 s: 45 s of the grace period fall after the fault.
    expect(told([NODE], [pod])).toEqual([
      '45 --node-monitor-grace-period=50s',
      '3 --node-monitor-period=5s',
      '1 --node-eviction-rate=0.1',
      '300 tolerationSeconds: 300',
      '0.5 controllers',
      '0.5 kube-scheduler',
      '3 image pull, start',
      '7 ready, readinessProbe',
    ]);
  });

  it('of a node in 1.23, which waits a pass for the queue of its zone and then for the rate', () => {
    const before = { ...SETTINGS, taintsAPassLater: true };
    const node = { ...NODE, taintedAt: seconds(363) };
    expect(told([node], [], undefined, before)).toEqual([
      '45 --node-monitor-grace-period=50s',
      '3 --node-monitor-period=5s',
      '5 --node-monitor-period=5s',
      '10 --node-eviction-rate=0.1',
    ]);
    // The write of the condition takes longer than that of the taint.
    expect(told([{ ...NODE, taintedAt: seconds(352.999) }], [], undefined, before).at(-2)).toBe(
      '4.999 --node-monitor-period=5s',
    );
  });

  it('of a node that a new leader had to watch from the beginning', () => {
    // Over at 345 s; seen by a pass at 370 s, which is the last 5 s.
    expect(told([{ ...NODE, noticedAt: seconds(370), taintedAt: seconds(370) }], [])).toEqual([
      '45 --node-monitor-grace-period=50s',
      '20 kube-controller-manager, etcd',
      '5 --node-monitor-period=5s',
      '0 --node-eviction-rate=0.1',
    ]);
  });

  it('of a node whose kubelet says that it is not ready: no grace period has a part in that', () => {
    const node = { node: 'n', noticedAt: seconds(310), isTold: true, taintedAt: seconds(322) };
    expect(told([node], [])).toEqual(['10 kubelet', '5 --node-monitor-period=5s', '7 --node-eviction-rate=0.1']);
  });

  it('of the pod whose way was the longest', () => {
    const left = (name: string, at: number): PodStory => ({
      pod: name,
      node: 'n',
      leftAt: seconds(649),
      replacementCreatedAt: seconds(at),
    });
    expect(told([NODE], [left('a', 650), left('b', 670), left('c', 660)]).at(-1)).toBe('21 controllers');
  });

  it('of a pod that came back when the fault healed', () => {
    const node = { ...NODE, recoveredAt: seconds(402) };
    const pod: PodStory = { pod: 'default/web-0', node: 'n', notReadyAt: seconds(348), recoveredAt: seconds(405) };
    expect(told([node], [pod], seconds(400))).toEqual([
      '45 --node-monitor-grace-period=50s',
      '3 --node-monitor-period=5s',
      '1 --node-eviction-rate=0.1',
      '51 for',
      '2 kubelet',
      '3 ready, readinessProbe',
    ]);
  });

  it('of a container that was restarted', () => {
    const pod: PodStory = {
      pod: 'p',
      node: 'n',
      notReadyAt: seconds(301),
      restartedAt: seconds(311),
      recoveredAt: seconds(315),
    };
    expect(told([], [pod])).toEqual(['1 kubelet, probe', '10 restart back-off', '4 ready, readinessProbe']);
  });

  it('of a node without pods: until it was noticed', () => {
    expect(told([NODE], [])).toEqual([
      '45 --node-monitor-grace-period=50s',
      '3 --node-monitor-period=5s',
      '1 --node-eviction-rate=0.1',
    ]);
  });

  it('of nothing, when nobody noticed', () => {
    expect(told([{ node: 'n' }], [])).toEqual([]);
  });
});
