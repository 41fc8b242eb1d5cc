import { isPodReady, isPodTerminal, keyOf, type Pod, podCondition } from '../../models/api/index.js';

/** A pod that should be Ready when the run ends and is not. */
export interface UnreadyPod {
  readonly pod: string;
  /** What holds it: the reason of a waiting container, or what the scheduler says; as kubectl describe shows them. */
  readonly why: string;
}

/** Pods that are not Ready at the end of a run, whether or not a fault struck them. */
export interface UnreadyPods {
  readonly count: number;
  /** The first of them by name. */
  readonly pods: readonly UnreadyPod[];
}

const SHOWN = 12;

/** Pods that have ended or are on their way out are not waited for. */
export function unreadyPods(pods: Iterable<Pod>): UnreadyPods {
  const unready = [...pods].filter(
    (pod) => !isPodReady(pod) && !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined,
  );
  const byName = unready.map((pod) => ({ name: keyOf(pod), pod })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    count: unready.length,
    pods: byName.slice(0, SHOWN).map(({ name, pod }) => ({ pod: name, why: whyOf(pod) })),
  };
}

function whyOf(pod: Pod): string {
  if (pod.spec.nodeName === undefined) {
    return withMessage('not scheduled', podCondition(pod, 'PodScheduled')?.message);
  }
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const waiting = statuses.find(
    ({ state }) => state?.waiting !== undefined && state.waiting.reason !== 'PodInitializing',
  );
  if (waiting?.state?.waiting) {
    const { reason = 'waiting', message } = waiting.state.waiting;
    return `container ${waiting.name} ${withMessage(reason, message)}`;
  }
  const ready = podCondition(pod, 'Ready');
  return withMessage(ready?.reason ?? `no status from ${pod.spec.nodeName}`, ready?.message);
}

const withMessage = (what: string, message: string | undefined): string => (message ? `${what}: ${message}` : what);
