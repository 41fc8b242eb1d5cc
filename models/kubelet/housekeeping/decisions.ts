import type { Micros } from '../../../engine/time/micros.js';

export interface ContainerGCPolicy {
  /** A dead container younger than this is kept. */
  readonly minimumGCAge: Micros;
  /** Dead instances kept of each container of a pod; below 0: any number. */
  readonly maxPerPodContainerCount: number;
  /** Dead containers kept on the node; below 0: any number. */
  readonly maxContainerCount: number;
}

/** A dead container. */
export interface DeadContainer {
  readonly podUid: string;
  readonly id: string;
  readonly name: string;
  readonly createdAt: Micros;
}

/**
 * Dead containers to remove: all of pods that nobody will ask for, else the oldest of each container above its share, then the
 * oldest of the node above its. As evictContainers (k8s 1.37 pkg/kubelet/kuberuntime/kuberuntime_gc.go).
 */
export function containersToRemove(
  dead: readonly DeadContainer[],
  policy: ContainerGCPolicy,
  now: Micros,
  contentMayGo: (podUid: string) => boolean,
): readonly DeadContainer[] {
  const units = new Map<string, DeadContainer[]>();
  const removed: DeadContainer[] = [];
  for (const container of newestFirst(dead.filter(({ createdAt }) => now - createdAt >= policy.minimumGCAge))) {
    const unit = `${container.podUid}/${container.name}`;
    if (contentMayGo(container.podUid)) {
      removed.push(container);
    } else {
      units.set(unit, [...(units.get(unit) ?? []), container]);
    }
  }
  const keep = (most: number): void => {
    for (const [unit, containers] of units) {
      removed.push(...containers.slice(most));
      units.set(unit, containers.slice(0, most));
    }
  };
  const { maxContainerCount, maxPerPodContainerCount } = policy;
  if (maxPerPodContainerCount >= 0) {
    keep(maxPerPodContainerCount);
  }
  const left = (): readonly DeadContainer[] => [...units.values()].flat();
  if (maxContainerCount >= 0 && left().length > maxContainerCount) {
    keep(Math.max(1, Math.floor(maxContainerCount / units.size)));
    removed.push(...newestFirst(left()).slice(maxContainerCount));
  }
  return removed;
}

const newestFirst = (containers: readonly DeadContainer[]): readonly DeadContainer[] =>
  [...containers].sort((a, b) => b.createdAt - a.createdAt);
