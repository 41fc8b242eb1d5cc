import { firstUntoleratedTaint, isTolerated, type Node, type TaintEffect, type Toleration } from '../../api/index.js';
import { asNode } from '../framework/events.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';
import { normalizeByMaximum } from './normalize.js';

const NAME = 'TaintToleration';
const REFUSED = unresolvable(NAME, 'node(s) had untolerated taint(s)');
const HARD: readonly TaintEffect[] = ['NoSchedule', 'NoExecute'];

/** Keeps pods off nodes with taints that they do not tolerate, and away from those with PreferNoSchedule. */
export const taintToleration = (namesTaintInReason: boolean): Plugin<undefined, readonly Toleration[]> => ({
  name: NAME,
  isLocal: true,
  isStatic: true,
  eventsToRegister: () => [
    {
      resource: 'Node',
      actions: ['Add', 'UpdateNodeTaint'],
      hint({ pod }, before, after) {
        const { tolerations } = pod.spec;
        const isRefused = (node: Node | undefined): boolean =>
          firstUntoleratedTaint(node?.spec?.taints, tolerations, HARD) !== undefined;
        const wasRefused = before === undefined || isRefused(asNode(before));
        return wasRefused && !isRefused(asNode(after)) ? 'Queue' : 'Skip';
      },
    },
    { resource: 'TargetPod', actions: ['UpdatePodToleration'] },
  ],
  preFilter: () => ({ state: undefined }),
  filter({ pod }: PodInfo, node: NodeInfo): Status | undefined {
    const { taints } = node.node.spec ?? {};
    if (taints === undefined) {
      return undefined;
    }
    const taint = firstUntoleratedTaint(taints, pod.spec.tolerations, HARD);
    if (taint === undefined) {
      return undefined;
    }
    return namesTaintInReason
      ? unresolvable(NAME, `node(s) had taint {${taint.key}: ${taint.value ?? ''}}, that the pod didn't tolerate`)
      : REFUSED;
  },
  /** Tolerations that speak of PreferNoSchedule. */
  preScore: ({ pod }) => (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule'),
  score(_pod: PodInfo, node: NodeInfo, tolerations: readonly Toleration[]): number {
    let count = 0;
    for (const taint of node.node.spec?.taints ?? []) {
      if (taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)) {
        count++;
      }
    }
    return count;
  },
  normalizeScores: (scores) => normalizeByMaximum(scores, true),
});
