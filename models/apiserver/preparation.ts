import { type Micros, wholeSecond } from '../../engine/index.js';
import { isSameValue } from '../api/equality.js';
import {
  conditionOf,
  type ObjectMeta,
  type Pod,
  type PodCondition,
  type PodStatus,
  podCondition,
  withCondition,
} from '../api/index.js';
import type { StatusCause } from '../client-go/index.js';
import { versioned, withParts } from './copies.js';
import type { Stored, Strategy } from './strategy.js';

/** What the server gives a new object besides what was sent. */
export interface Identity {
  readonly name: string;
  readonly uid: string;
  readonly now: Micros;
  readonly resourceVersion: string;
}

/** rest.BeforeCreate: system metadata, first generation, and the status a new object has. */
export function prepareForCreate(draft: Stored, strategy: Strategy, identity: Identity): Stored {
  const { metadata: sent } = draft;
  // All fields, always in this order: a copy that gains a field would be of a kind of its own to the engine, and slow to read.
  const metadata: ObjectMeta = {
    name: identity.name,
    generateName: sent.generateName,
    namespace: sent.namespace,
    uid: identity.uid,
    resourceVersion: identity.resourceVersion,
    generation: strategy.generation === 'none' ? undefined : 1,
    creationTimestamp: wholeSecond(identity.now),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    labels: sent.labels,
    annotations: sent.annotations,
    ownerReferences: sent.ownerReferences,
    finalizers: sent.finalizers,
    managedFields: sent.managedFields,
    selfLink: sent.selfLink,
  };
  if (!strategy.hasStatus || strategy.keepsStatusOnCreate) {
    return { ...draft, metadata };
  }
  const object = Object.assign({}, draft, { metadata, status: initialStatus(draft) });
  return draft.kind === 'Namespace' ? { ...object, spec: HELD_BY_KUBERNETES } : object;
}

const PENDING = { phase: 'Pending' };
const ACTIVE = { phase: 'Active' };
const EMPTY = {};

/** Counts that the API tells even while nothing is counted. */
const NOTHING_COUNTED: Readonly<Record<string, object>> = {
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  HorizontalPodAutoscaler: { desiredReplicas: 0 },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  ReplicaSet: { replicas: 0 },
  ReplicationController: { replicas: 0 },
  StatefulSet: { availableReplicas: 0, replicas: 0 },
};

// pkg/registry/core/namespace/strategy.go PrepareForCreate: the namespace controller takes this off when all content is gone
const HELD_BY_KUBERNETES = { finalizers: ['kubernetes'] };

function initialStatus(draft: Stored): unknown {
  switch (draft.kind) {
    case 'Pod':
    case 'PersistentVolume':
    case 'PersistentVolumeClaim':
      return PENDING;
    case 'Namespace':
      return ACTIVE;
    default:
      return NOTHING_COUNTED[draft.kind] ?? EMPTY;
  }
}

/**
 * rest.BeforeUpdate and the strategies' PrepareForUpdate: a PUT keeps the stored status, a PUT of …/status the stored spec, and
 * neither can change identity or undo a deletion. Answers `before` itself when nothing differs: such a write is no write.
 */
export function prepareForUpdate(
  before: Stored,
  wanted: Stored,
  strategy: Strategy,
  part: 'main' | 'status',
  resourceVersion: string,
): Stored {
  if (wanted === before) {
    return before;
  }
  const sent = updatedMetadata(before, wanted.metadata, part);
  const status = strategy.backfillsStatus
    ? backfilledPodStatus(wanted.status as PodStatus, before.status as PodStatus)
    : wanted.status;
  const isSame =
    part === 'status' ? isSameValue(before.status, status) : isSameContent(before, wanted, strategy.hasStatus);
  if (isSame && isSameValue(before.metadata, sent)) {
    return before;
  }
  const isNewGeneration = part === 'main' && countsAsNew(before, wanted, strategy, isSame);
  const generation = isNewGeneration ? (sent.generation ?? 0) + 1 : sent.generation;
  const metadata = versioned(sent, generation, resourceVersion);
  if (part === 'status') {
    return withParts(before, metadata, before.spec, status);
  }
  return strategy.hasStatus ? withParts(wanted, metadata, wanted.spec, before.status) : { ...wanted, metadata };
}

/** k8s 1.37 pkg/registry/core/pod/strategy.go podStatusStrategy.PrepareForUpdate, preserveOldObservedGeneration. */
function backfilledPodStatus(wanted: PodStatus = {}, before: PodStatus = {}): PodStatus {
  if (wanted === before) {
    return wanted;
  }
  const qosClass = wanted.qosClass ?? before.qosClass;
  const observedGeneration = wanted.observedGeneration ?? before.observedGeneration;
  const conditions = backfilledConditions(wanted.conditions, before.conditions);
  const isComplete =
    qosClass === wanted.qosClass &&
    observedGeneration === wanted.observedGeneration &&
    conditions === wanted.conditions;
  return isComplete ? wanted : { ...wanted, qosClass, observedGeneration, conditions };
}

type PodConditions = PodStatus['conditions'];

function backfilledConditions(wanted: PodConditions, before: PodConditions): PodConditions {
  const generationOf = (type: string): number | undefined => conditionOf(before, type)?.observedGeneration;
  const isComplete = (condition: PodCondition): boolean =>
    condition.observedGeneration !== undefined || generationOf(condition.type) === undefined;
  return wanted === before || wanted?.every(isComplete)
    ? wanted
    : wanted?.map((condition) =>
        isComplete(condition) ? condition : { ...condition, observedGeneration: generationOf(condition.type) },
      );
}

/** What the strategies' PrepareForUpdate look at before they raise metadata.generation. */
function countsAsNew(before: Stored, wanted: Stored, { generation }: Strategy, isSame: boolean): boolean {
  const { labels, annotations } = before.metadata;
  switch (generation) {
    case 'spec':
      return !isSameValue(before.spec, wanted.spec);
    case 'spec and annotations':
      return !isSameValue(before.spec, wanted.spec) || !isSameValue(annotations, wanted.metadata.annotations);
    case 'content':
      return !isSame;
    case 'content and labels':
      return !isSame || !isSameValue(labels, wanted.metadata.labels);
    default:
      return false;
  }
}

function updatedMetadata(before: Stored, wanted: ObjectMeta, part: 'main' | 'status'): ObjectMeta {
  const kept = before.metadata;
  if (wanted === kept) {
    return kept;
  }
  return {
    ...wanted,
    name: kept.name,
    namespace: kept.namespace,
    generateName: kept.generateName,
    uid: kept.uid,
    creationTimestamp: kept.creationTimestamp,
    generation: kept.generation,
    resourceVersion: kept.resourceVersion,
    deletionTimestamp: kept.deletionTimestamp,
    deletionGracePeriodSeconds: kept.deletionGracePeriodSeconds,
    // podStatusStrategy and deploymentStatusStrategy PrepareForUpdate
    ownerReferences: part === 'status' && before.kind === 'Pod' ? kept.ownerReferences : wanted.ownerReferences,
    labels: part === 'status' && before.kind === 'Deployment' ? kept.labels : wanted.labels,
  };
}

/** Whether the two say the same outside metadata, and status where that has its own subresource. */
function isSameContent(before: Stored, wanted: Stored, hasStatus: boolean): boolean {
  const left = before as unknown as Readonly<Record<string, unknown>>;
  const right = wanted as unknown as Readonly<Record<string, unknown>>;
  const isSameField = (field: string): boolean =>
    field === 'metadata' || (field === 'status' && hasStatus) || isSameValue(left[field], right[field]);
  return Object.keys(right).every(isSameField) && Object.keys(left).every(isSameField);
}

/** k8s.io/apimachinery pkg/api/validation ValidateNoNewFinalizers. */
export function newFinalizers(before: Stored, wanted: ObjectMeta): readonly StatusCause[] {
  if (before.metadata.deletionTimestamp === undefined) {
    return [];
  }
  const added = wanted.finalizers?.filter((finalizer) => !before.metadata.finalizers?.includes(finalizer)) ?? [];
  if (added.length === 0) {
    return [];
  }
  const found = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`,
    },
  ];
}

/** Why a pod cannot be bound to a node; undefined when it can. pkg/registry/core/pod/storage/storage.go setPodNodeAndMetadata. */
export function bindingObstacle(pod: Pod): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    return `pod ${name} is being deleted, cannot be assigned to a host`;
  }
  if (pod.spec.nodeName) {
    return `pod ${name} is already assigned to node "${pod.spec.nodeName}"`;
  }
  if (pod.spec.schedulingGates?.length) {
    return `pod ${name} has non-empty .spec.schedulingGates`;
  }
  return undefined;
}

/** pkg/api/v1/pod/util.go UpdatePodCondition: the time of transition stays while the status is the same. */
export function withPodCondition(pod: Pod, condition: PodCondition, now: Micros): readonly PodCondition[] {
  const before = podCondition(pod, condition.type);
  const isSame = before?.status === condition.status;
  const lastTransitionTime = isSame ? before.lastTransitionTime : wholeSecond(now);
  // Not a spread, see bind: a kind of its own to the engine takes more memory than the condition.
  return withCondition(pod.status?.conditions, Object.assign({}, condition, { lastTransitionTime }));
}
