import type { RuntimePod } from '../../world/index.js';

/** What a relist tells of one container or sandbox of a pod. */
export interface PodLifecycleEvent {
  readonly type: 'ContainerStarted' | 'ContainerDied' | 'ContainerRemoved' | 'ContainerChanged';
  /** Of the container or sandbox. */
  readonly id: string;
}

type State = 'running' | 'exited' | 'unknown';

/**
 * What changed between two lists of a pod. As generateEvents (k8s 1.37 pkg/kubelet/pleg/generic.go): sandboxes count as
 * containers.
 */
export function podLifecycleEvents(
  before: RuntimePod | undefined,
  after: RuntimePod | undefined,
): readonly PodLifecycleEvent[] {
  const old = statesOf(before);
  const current = statesOf(after);
  const events: PodLifecycleEvent[] = [];
  for (const [id, state] of old) {
    if (!current.has(id)) {
      if (state !== 'exited') {
        events.push({ type: 'ContainerDied', id });
      }
      events.push({ type: 'ContainerRemoved', id });
    }
  }
  for (const [id, state] of current) {
    if (state !== old.get(id)) {
      events.push({ type: TYPES[state], id });
    }
  }
  return events;
}

const TYPES = { running: 'ContainerStarted', exited: 'ContainerDied', unknown: 'ContainerChanged' } as const;

/** Whether the sync loop looks at a pod because of this. As isSyncPodWorthy (k8s 1.37 pkg/kubelet/kubelet.go). */
export const isSyncPodWorthy = ({ type }: PodLifecycleEvent): boolean =>
  type === 'ContainerStarted' || type === 'ContainerDied';

function statesOf(pod: RuntimePod | undefined): Map<string, State> {
  const states = new Map<string, State>();
  for (const { id, isReady } of pod?.sandboxes ?? []) {
    states.set(id, isReady ? 'running' : 'exited');
  }
  for (const { id, state } of pod?.containers ?? []) {
    states.set(id, state === 'created' ? 'unknown' : state);
  }
  return states;
}
