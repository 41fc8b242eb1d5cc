import type { Micros } from '../../engine/time/micros.js';
import {
  type DaemonSet,
  type DaemonSetStatus,
  isBeingDeleted,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  type Node,
  POD_REVISION_LABEL,
  type Pod,
  scaledIntOrPercent,
  withoutZeros,
} from '../api/index.js';
import { placementOn, targetNodeOf } from './placement.js';

/** What a sync of a DaemonSet sees. */
export interface Seen {
  readonly daemonSet: DaemonSet;
  /** All nodes, in the order in which choices among equals fall. */
  readonly nodes: readonly Node[];
  /** The pods it owns. */
  readonly pods: readonly Pod[];
  /** Hash of the present template. */
  readonly hash: string;
}

export interface DaemonSetGates {
  /** Since 1.25 a daemon that ended well is replaced, too, and one that has ended and is being deleted no longer occupies its node. */
  readonly replacesEndedDaemons: boolean;
}

/** A daemon that has ended on a node where it should run. */
export interface EndedDaemon {
  readonly pod: Pod;
  readonly node: string;
}

export interface Changes {
  /** Nodes that need a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** What to do about pods and nodes; daemons that ended go when their back-off allows. */
export interface Management extends Changes {
  readonly ended: readonly EndedDaemon[];
}

type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

/** Pods by the node they are on or meant for. As getNodesToDaemonPods (pkg/controller/daemon/daemon_controller.go). */
function podsByNode(pods: readonly Pod[], gates: DaemonSetGates): PodsByNode {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNodeOf(pod);
    if (node === undefined || (gates.replacesEndedDaemons && isPodTerminal(pod) && isBeingDeleted(pod))) {
      continue;
    }
    const onNode = byNode.get(node);
    if (onNode) {
      onNode.push(pod);
    } else {
      byNode.set(node, [pod]);
    }
  }
  return byNode;
}

const allowsSurge = ({ spec }: DaemonSet): boolean => {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  const { maxSurge } = rollingUpdate ?? {};
  return type === 'RollingUpdate' && maxSurge !== undefined && maxSurge !== 0 && maxSurge !== '0%';
};

/** One daemon on every node that should have one. As manage. */
export function manage({ daemonSet, nodes, pods, hash }: Seen, now: Micros, gates: DaemonSetGates): Management {
  const byNode = podsByNode(pods, gates);
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: EndedDaemon[] = [];
  for (const node of nodes) {
    const { name } = node.metadata;
    const onNode = byNode.get(name);
    const { shouldRun, shouldContinueRunning } = placementOn(node, daemonSet);
    if (shouldRun && onNode === undefined) {
      create.push(name);
    } else if (shouldContinueRunning) {
      const present = (onNode ?? []).filter((pod) => !isBeingDeleted(pod));
      const isEnded = (pod: Pod): boolean =>
        pod.status?.phase === 'Failed' || (gates.replacesEndedDaemons && pod.status?.phase === 'Succeeded');
      ended.push(...present.filter(isEnded).map((pod) => ({ pod, node: name })));
      const running = present.filter((pod) => !isEnded(pod)).sort(oldestFirst);
      if (!allowsSurge(daemonSet)) {
        remove.push(...running.slice(1));
      } else if (running.length > 1) {
        remove.push(...surplus(daemonSet, running, hash, now));
      } else if (running.length === 0 && shouldRun) {
        create.push(name);
      }
    } else {
      remove.push(...(onNode ?? []).filter((pod) => !isBeingDeleted(pod)));
    }
  }
  return { create, remove: [...remove, ...withoutNode(byNode, nodes)], ended };
}

/** Pods that wait for nodes that are gone. As getUnscheduledPodsWithoutNode. */
function withoutNode(byNode: PodsByNode, nodes: readonly Node[]): readonly Pod[] {
  const names = new Set(nodes.map((node) => node.metadata.name));
  return [...byNode].flatMap(([node, pods]) => (names.has(node) ? [] : pods.filter((pod) => !pod.spec.nodeName)));
}

/** Scheduled ones first, then by age, then by name. As podByCreationTimestampAndPhase. */
const oldestFirst = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
  (a.metadata.creationTimestamp ?? 0) - (b.metadata.creationTimestamp ?? 0) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

/** With surge an old and a new daemon may stand side by side until the new one is available or the old one fails. */
function surplus(daemonSet: DaemonSet, running: readonly Pod[], hash: string, now: Micros): readonly Pod[] {
  const newPod = running.find((pod) => isUpdated(pod, hash));
  const oldPod = running.find((pod) => !isUpdated(pod, hash));
  const others = running.filter((pod) => pod !== newPod && pod !== oldPod);
  const oldGoes = newPod && oldPod && (!isPodReady(oldPod) || isAvailable(daemonSet, newPod, now));
  return oldGoes ? [...others, oldPod] : others;
}

const isUpdated = (pod: Pod, hash: string): boolean => pod.metadata.labels?.[POD_REVISION_LABEL] === hash;

const isAvailable = ({ spec }: DaemonSet, pod: Pod, now: Micros): boolean =>
  isPodAvailable(pod, spec.minReadySeconds ?? 0, now);

/** The daemons of a node that are not being deleted, by their age of template; undefined where there are two of a kind. */
function pair(pods: readonly Pod[], hash: string): { readonly newPod?: Pod; readonly oldPod?: Pod } | undefined {
  const present = pods.filter((pod) => !isBeingDeleted(pod));
  const [newPod, secondNew] = present.filter((pod) => isUpdated(pod, hash));
  const [oldPod, secondOld] = present.filter((pod) => !isUpdated(pod, hash));
  return secondNew || secondOld ? undefined : { ...(newPod && { newPod }), ...(oldPod && { oldPod }) };
}

/** As updatedDesiredNodeCounts (update.go): both limits round up; when both come to nothing one daemon may be unavailable. */
function limits({ daemonSet, nodes }: Seen): {
  readonly maxUnavailable: number;
  readonly maxSurge: number;
  readonly wanted: ReadonlySet<string>;
} {
  const wanted = new Set(
    nodes.filter((node) => placementOn(node, daemonSet).shouldRun).map((node) => node.metadata.name),
  );
  const { rollingUpdate } = daemonSet.spec.updateStrategy ?? {};
  const maxUnavailable = scaledIntOrPercent(rollingUpdate?.maxUnavailable ?? 0, wanted.size, 'up');
  const maxSurge = scaledIntOrPercent(rollingUpdate?.maxSurge ?? 0, wanted.size, 'up');
  const isImpossible = wanted.size > 0 && maxUnavailable === 0 && maxSurge === 0;
  return { maxUnavailable: isImpossible ? 1 : maxUnavailable, maxSurge, wanted };
}

/** Which daemons give way to the new template now. As rollingUpdate (update.go). */
export function rollingUpdate(seen: Seen, now: Micros, gates: DaemonSetGates): Changes {
  const { maxUnavailable, maxSurge, wanted } = limits(seen);
  const byNode = podsByNode(seen.pods, gates);
  const onNodes = seen.nodes.flatMap((node): readonly (readonly [string, readonly Pod[]])[] => {
    const { name } = node.metadata;
    const pods = byNode.get(name);
    return pods || wanted.has(name) ? [[name, pods ?? []]] : [];
  });
  return maxSurge === 0
    ? { create: [], remove: replaceInPlace(seen, onNodes, maxUnavailable, now) }
    : surge(seen, onNodes, maxSurge, now);
}

type OnNodes = readonly (readonly [string, readonly Pod[]])[];

/** Old daemons that serve nobody go at once, others as far as the number of unavailable nodes allows. */
function replaceInPlace(
  { daemonSet, hash }: Seen,
  onNodes: OnNodes,
  maxUnavailable: number,
  now: Micros,
): readonly Pod[] {
  const replacements: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const [, pods] of onNodes) {
    const { newPod, oldPod } = pair(pods, hash) ?? {};
    if (oldPod && !newPod) {
      if (isAvailable(daemonSet, oldPod, now)) {
        candidates.push(oldPod);
      } else {
        replacements.push(oldPod);
        unavailable++;
      }
    } else if (!newPod || oldPod || !isAvailable(daemonSet, newPod, now)) {
      unavailable++;
    }
  }
  return [...replacements, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

/** New daemons beside old ones on as many nodes as the surge allows; an old one goes when its successor is available. */
function surge({ daemonSet, hash }: Seen, onNodes: OnNodes, maxSurge: number, now: Micros): Changes {
  const remove: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  for (const [node, pods] of onNodes) {
    const found = pair(pods, hash);
    if (found === undefined) {
      surging++;
    } else if (found.oldPod && !found.newPod) {
      (isAvailable(daemonSet, found.oldPod, now) ? candidates : allowed).push(node);
    } else if (found.oldPod && found.newPod) {
      if (isAvailable(daemonSet, found.newPod, now)) {
        remove.push(found.oldPod);
      } else {
        surging++;
      }
    }
  }
  return { create: [...allowed, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove };
}

/** As updateDaemonSetStatus; a generation counts as observed only when this sync acted on it. */
export function daemonSetStatus(seen: Seen, isObserved: boolean, now: Micros, gates: DaemonSetGates): DaemonSetStatus {
  const { daemonSet, nodes, pods, hash } = seen;
  const byNode = podsByNode(pods, gates);
  let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const [oldest] = [...(byNode.get(node.metadata.name) ?? [])].sort(oldestFirst);
    if (!placementOn(node, daemonSet).shouldRun) {
      misscheduled += Number(oldest !== undefined);
      continue;
    }
    desired++;
    if (oldest) {
      current++;
      ready += Number(isPodReady(oldest));
      available += Number(isAvailable(daemonSet, oldest, now));
      updated += Number(isUpdated(oldest, hash));
    }
  }
  const { observedGeneration, collisionCount, conditions } = daemonSet.status ?? {};
  return {
    desiredNumberScheduled: desired,
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    ...withoutZeros({
      updatedNumberScheduled: updated,
      numberAvailable: available,
      numberUnavailable: desired - available,
    }),
    observedGeneration: isObserved ? daemonSet.metadata.generation : observedGeneration,
    collisionCount,
    conditions,
  };
}
