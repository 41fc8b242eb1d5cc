import type { Micros } from '../../engine/time/micros.js';
import { wholeSecond } from '../../engine/time/micros.js';
import { isBeingDeleted, isNodeReady, type Node, type Pod, type PodCondition, withCondition } from '../api/index.js';

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** As isPodTerminated: any phase but the three that can still move. */
export const isTerminated = ({ status }: Pod): boolean => status?.phase !== undefined && !MOVING.includes(status.phase);

const MOVING = ['Pending', 'Running', 'Unknown'];

const isEvicted = (pod: Pod): boolean => pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';

/** Order of deletion: evicted ones first if so configured, then by age, then by name. As byEvictionAndCreationTimestamp. */
function inOrderOfDeletion(pods: readonly Pod[], evictedFirst: boolean): readonly Pod[] {
  const rank = (pod: Pod): number => (evictedFirst && isEvicted(pod) ? 0 : 1);
  const createdAt = (pod: Pod): Micros => pod.metadata.creationTimestamp ?? 0;
  const name = (pod: Pod): string => pod.metadata.name;
  return [...pods].sort(
    (a, b) => rank(a) - rank(b) || createdAt(a) - createdAt(b) || (name(a) < name(b) ? -1 : Number(name(a) > name(b))),
  );
}

/** Terminated pods above the threshold. As gcTerminated. */
export function podsOverThreshold(
  terminated: readonly Pod[],
  config: { readonly terminatedPodGCThreshold: number; readonly deletesEvictedFirst: boolean },
): readonly Pod[] {
  const threshold = config.terminatedPodGCThreshold;
  const count = threshold > 0 ? Math.max(0, terminated.length - threshold) : 0;
  return count === 0 ? [] : inOrderOfDeletion(terminated, config.deletesEvictedFirst).slice(0, count);
}

/** Terminating pods whose node is not ready and tainted out-of-service, whatever the effect. As gcTerminating. */
export function podsOutOfService(terminating: readonly Pod[], nodeOf: (pod: Pod) => Node | undefined): readonly Pod[] {
  const stranded = terminating.filter((pod) => {
    const node = nodeOf(pod);
    return node !== undefined && !isNodeReady(node) && node.spec.taints?.some((taint) => taint.key === OUT_OF_SERVICE);
  });
  return inOrderOfDeletion(stranded, true);
}

/** Pods that were deleted before they got a node. As gcUnscheduledTerminating. */
export const isUnscheduledTerminating = (pod: Pod): boolean => isBeingDeleted(pod) && !pod.spec.nodeName;

/** The condition of a pod whose node is gone. */
export const orphaned = (pod: Pod, now: Micros): PodCondition => ({
  type: 'DisruptionTarget',
  observedGeneration: pod.metadata.generation,
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
  lastTransitionTime: wholeSecond(now),
});

/** The pod as it is patched before it is deleted: Failed, with the condition if there is one. Unchanged when it has ended. */
export function failed(pod: Pod, condition: PodCondition | undefined): Pod {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
    return pod;
  }
  const conditions = condition ? withCondition(pod.status?.conditions, condition) : pod.status?.conditions;
  const observedGeneration = pod.metadata.generation;
  return { ...pod, status: { ...pod.status, phase: 'Failed', observedGeneration, conditions } };
}

/**
 * Nodes that are missed, and since when: as the delaying queue of nodes of gcOrphaned. An entry is due once its quarantine
 * has passed; sighting it again in between does not prolong it.
 */
export class Quarantine {
  readonly #dueAt = new Map<string, Micros>();

  miss(node: string, dueAt: Micros): void {
    if (!this.#dueAt.has(node)) {
      this.#dueAt.set(node, dueAt);
    }
  }

  get isEmpty(): boolean {
    return this.#dueAt.size === 0;
  }

  /** Takes out what is due, in order. */
  release(now: Micros): readonly string[] {
    const due = [...this.#dueAt].filter(([, dueAt]) => dueAt <= now).map(([node]) => node);
    for (const node of due) {
      this.#dueAt.delete(node);
    }
    return due;
  }
}
