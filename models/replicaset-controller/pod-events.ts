import type { ObjectKey, Watcher } from '../../engine/index.js';
import {
  controllerOf,
  isBeingDeleted,
  isPodReady,
  keyFor,
  keyOf,
  matchesLabelSelector,
  type OwnerReference,
  type Pod,
  type ReplicaSet,
  semanticallyEqual,
} from '../api/index.js';
import type { Expectations, Informer } from '../client-go/index.js';

/** What a change of a pod sets off. */
export interface PodEventActions {
  enqueue(replicaSet: ObjectKey): void;
  /** A pod has just become Ready. */
  onPodReady(replicaSet: ObjectKey): void;
}

/**
 * Wakes the ReplicaSet that a pod belongs to, or all that could adopt it, and lowers what is expected of the cache.
 * As addPod, updatePod and deletePod (pkg/controller/replicaset/replica_set.go).
 */
export class PodEvents implements Watcher<Pod> {
  readonly #kind: string;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #expectations: Expectations;
  readonly #actions: PodEventActions;

  /** `kind` is what owners of the pods must be. */
  constructor(kind: string, replicaSets: Informer<ReplicaSet>, expectations: Expectations, actions: PodEventActions) {
    this.#kind = kind;
    this.#replicaSets = replicaSets;
    this.#expectations = expectations;
    this.#actions = actions;
  }

  added(pod: Pod, key: ObjectKey): void {
    const owner = controllerOf(pod);
    if (isBeingDeleted(pod)) {
      this.deleted(pod, key);
    } else if (owner) {
      const replicaSet = this.#resolve(pod, owner);
      if (replicaSet !== undefined) {
        this.#expectations.creationObserved(replicaSet);
        this.#actions.enqueue(replicaSet);
      }
    } else {
      this.#wakeAdopters(pod);
    }
  }

  modified(pod: Pod, before: Pod, key: ObjectKey): void {
    const labelsChanged = !semanticallyEqual(pod.metadata.labels, before.metadata.labels);
    if (isBeingDeleted(pod)) {
      // The first sign of a deletion counts as the deletion: a ReplicaSet must not wait for the grace period.
      this.deleted(pod, key);
      if (labelsChanged) {
        this.deleted(before, key);
      }
      return;
    }
    const owner = controllerOf(pod);
    const ownerBefore = controllerOf(before);
    const ownerChanged = !semanticallyEqual(owner, ownerBefore);
    if (ownerChanged && ownerBefore) {
      this.#wake(this.#resolve(before, ownerBefore));
    }
    if (owner) {
      const replicaSet = this.#resolve(pod, owner);
      this.#wake(replicaSet);
      if (replicaSet !== undefined && !isPodReady(before) && isPodReady(pod)) {
        this.#actions.onPodReady(replicaSet);
      }
    } else if (labelsChanged || ownerChanged) {
      this.#wakeAdopters(pod);
    }
  }

  deleted(pod: Pod, key: ObjectKey): void {
    const owner = controllerOf(pod);
    const replicaSet = owner && this.#resolve(pod, owner);
    if (replicaSet !== undefined) {
      this.#expectations.deletionObserved(replicaSet, key);
      this.#actions.enqueue(replicaSet);
    }
  }

  /** The key of the ReplicaSet that the pod belongs to; undefined where the cache has no such one. */
  #resolve(pod: Pod, { kind, name, uid }: OwnerReference): ObjectKey | undefined {
    const key = keyFor(pod.metadata.namespace, name);
    return kind === this.#kind && this.#replicaSets.get(key)?.metadata.uid === uid ? key : undefined;
  }

  #wake(replicaSet: ObjectKey | undefined): void {
    if (replicaSet !== undefined) {
      this.#actions.enqueue(replicaSet);
    }
  }

  #wakeAdopters(pod: Pod): void {
    for (const replicaSet of this.#replicaSets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (matchesLabelSelector(replicaSet.spec.selector, pod.metadata.labels)) {
        this.#actions.enqueue(keyOf(replicaSet));
      }
    }
  }
}
