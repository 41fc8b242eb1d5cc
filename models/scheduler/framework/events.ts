import type { KubeObject, Node, Pod } from '../../api/index.js';
import type { PodInfo } from './pod-info.js';

/** What an event is about. 'TargetPod' is the waiting pod itself; 'Pod' as registered takes any pod. */
export type EventResource =
  | 'AssignedPod'
  | 'TargetPod'
  | 'UnscheduledPod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'VolumeAttachment'
  | 'Service'
  | 'DeviceClass'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | '*';

/** 'Update' as registered takes every update; as an event it is an update that is none of the others. */
export type EventAction =
  | 'Add'
  | 'Delete'
  | 'Update'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdateNodeDeclaredFeature'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodScaleUp'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated'
  | 'UpdatePodGeneratedResourceClaim'
  | '*';

export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
}

/** Everything may have changed: after the time limit of the pool, or a forced activation. */
export const WILDCARD: ClusterEvent = { resource: '*', action: '*' };

export type Hint = 'Queue' | 'Skip';

/** The object of an event before and after; one of both is missing for Add and Delete. */
export type HintFunction = (pod: PodInfo, before: KubeObject | undefined, after: KubeObject | undefined) => Hint;

/** What a plugin waits for: an absent hint means that every such event is worth a try. */
export interface RegisteredEvent {
  readonly resource: EventResource;
  readonly actions: readonly EventAction[];
  readonly hint?: HintFunction;
}

/** As MatchClusterEvents (pkg/scheduler/framework/types.go). */
export function matchesEvent(registered: RegisteredEvent, event: ClusterEvent): boolean {
  if (event.resource !== registered.resource && registered.resource !== '*') {
    return false;
  }
  return registered.actions.some(
    (action) => action === event.action || action === '*' || (action === 'Update' && event.action.startsWith('Update')),
  );
}

/** Objects of hints, cast by the resource that the hint was registered for. */
export const asNode = (object: KubeObject | undefined): Node | undefined => object as Node | undefined;
export const asPod = (object: KubeObject | undefined): Pod | undefined => object as Pod | undefined;
