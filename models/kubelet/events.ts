import type { ObjectReference, Pod } from '../api/index.js';

export type EventType = 'Normal' | 'Warning';

/** Where the kubelet's events about pods go. */
export interface PodEvents {
  /** False: nobody hears of them. */
  readonly areRead: boolean;
  /** `container` is the container it is about: the event's fieldPath. */
  record(pod: Pod, container: string | undefined, type: EventType, reason: string, message: string): void;
}

/** Where the kubelet's events about its node go. */
export interface NodeEvents {
  recordNode(type: EventType, reason: string, message: string): void;
}

/** The node in a kubelet's own events: by its name in the place of a uid (k8s 1.37 pkg/kubelet/kubelet.go nodeRef). */
export const nodeReference = (name: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Node', name, uid: name });

/** Reasons of events (k8s 1.37 pkg/kubelet/events/event.go). */
export const REASONS = {
  backOff: 'BackOff',
  created: 'Created',
  evicted: 'Evicted',
  exceededGracePeriod: 'ExceededGracePeriod',
  failed: 'Failed',
  failedMount: 'FailedMount',
  failedKillPod: 'FailedKillPod',
  failedPostStartHook: 'FailedPostStartHook',
  failedPreStopHook: 'FailedPreStopHook',
  failedCreatePodSandBox: 'FailedCreatePodSandBox',
  inspectFailed: 'InspectFailed',
  imageNeverPull: 'ErrImageNeverPull',
  killing: 'Killing',
  networkNotReady: 'NetworkNotReady',
  preempting: 'Preempting',
  pulled: 'Pulled',
  pulling: 'Pulling',
  sandboxChanged: 'SandboxChanged',
  started: 'Started',
  unhealthy: 'Unhealthy',
} as const;
