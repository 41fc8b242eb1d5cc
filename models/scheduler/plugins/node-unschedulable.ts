import { isTolerated, type Taint } from '../../api/index.js';
import { asNode, asPod } from '../framework/events.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';

const NAME = 'NodeUnschedulable';
const REFUSED = unresolvable(NAME, 'node(s) were unschedulable');
const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, unless they tolerate the taint that stands for it. */
export const nodeUnschedulable = (): Plugin<undefined> => ({
  name: NAME,
  isLocal: true,
  isStatic: true,
  eventsToRegister: () => [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeTaint'],
      hint(_pod, before, after) {
        const isOpen = !asNode(after)?.spec?.unschedulable;
        const wasOpen = before !== undefined && !asNode(before)?.spec?.unschedulable;
        return isOpen && !wasOpen ? 'Queue' : 'Skip';
      },
    },
    {
      resource: 'TargetPod',
      actions: ['UpdatePodToleration'],
      hint: (_pod, _before, after) => (isTolerated(UNSCHEDULABLE, asPod(after)?.spec.tolerations) ? 'Queue' : 'Skip'),
    },
  ],
  preFilter: () => ({ state: undefined }),
  filter({ pod }: PodInfo, node: NodeInfo): Status | undefined {
    const isRefused = node.node.spec?.unschedulable && !isTolerated(UNSCHEDULABLE, pod.spec.tolerations);
    return isRefused ? REFUSED : undefined;
  },
});
