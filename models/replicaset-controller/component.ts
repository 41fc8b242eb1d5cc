import { type Micros, type ObjectKey, seconds } from '../../engine/index.js';
import {
  controllerOf,
  controllerReference,
  isBeingDeleted,
  isPodActive,
  isPodTerminating,
  keyOf,
  matchesLabelSelector,
  type Pod,
  podFromTemplate,
  type ReplicaSet,
  type ReplicaSetStatus,
  semanticallyEqual,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  allAtOnce,
  Controller,
  type ControllerContext,
  claimObjects,
  type EventRecorder,
  Expectations,
  type Informer,
  isNamespaceTerminating,
  OwnWrites,
  PodControl,
  type SyncResult,
  slowStartBatch,
} from '../client-go/index.js';
import type { ReplicaSetControllerConfiguration } from './config.js';
import { nextAvailability, podsToDelete, replicaSetStatus } from './decisions.js';
import { PodEvents } from './pod-events.js';
import { REPLICA_SETS, type ReplicaSetSource } from './replica-set-source.js';
import { REPLICATION_CONTROLLERS } from './replication-controllers.js';

/** pkg/controller/controller_utils.go SlowStartInitialBatchSize */
const SLOW_START_INITIAL_BATCH_SIZE = 1;

type Done = (result: SyncResult) => void;

/** Keeps as many pods of a template as asked for. Mirrors pkg/controller/replicaset. */
export class ReplicaSetController extends Controller {
  readonly name: string;
  readonly #source: ReplicaSetSource;
  readonly #config: ReplicaSetControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #podControl: PodControl;
  readonly #expectations = new Expectations();
  readonly #ownWrites = new OwnWrites();

  constructor(context: ControllerContext, config: ReplicaSetControllerConfiguration, source: ReplicaSetSource) {
    super(context, { workers: config.workers });
    this.name = source.controllerName;
    this.#source = source;
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: source.eventSource });
    this.#podControl = new PodControl(this.#client, this.#events);
    this.#replicaSets = source.informer(context.informers);
    this.#pods = context.informers.informer('Pod');
    this.#replicaSets.onChange({
      added: (_, key) => this.enqueue(key),
      modified: (_after, _before, key) => this.enqueue(key),
      deleted: (_, key) => {
        this.#expectations.delete(key);
        this.enqueue(key);
      },
    });
    this.#pods.onChange(
      new PodEvents(source.kind, this.#replicaSets, this.#expectations, {
        enqueue: (key) => this.enqueue(key),
        onPodReady: (key) => this.#onPodReady(key),
      }),
    );
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#expectations.clear();
    this.#ownWrites.clear();
  }

  /** As syncReplicaSet. */
  protected sync(key: ObjectKey, done: Done): void {
    const replicaSet = this.#replicaSets.get(key);
    if (replicaSet === undefined) {
      this.#expectations.delete(key);
      this.#ownWrites.delete(key);
      done('done');
      return;
    }
    if (this.#config.waitsForOwnWrites && !this.#ownWrites.areIn(replicaSet)) {
      done('retry');
      return;
    }
    const mayAct = this.#expectations.areSatisfied(key, this.#now) && !isBeingDeleted(replicaSet);
    const candidates = this.#candidates(replicaSet);
    const terminating = candidates.filter((pod) => isPodTerminating(pod) && this.#isClaimed(replicaSet, pod));
    claimObjects(
      {
        client: this.#client,
        ownerKind: this.#source.kind as 'ReplicaSet',
        owner: replicaSet,
        selector: replicaSet.spec.selector,
        kind: 'Pod',
        candidates: candidates.filter(isPodActive),
      },
      (active, error) => {
        if (error) {
          done('retry');
        } else if (mayAct) {
          this.#manageReplicas(replicaSet, active, (failure) =>
            this.#conclude(replicaSet, active, terminating, failure, done),
          );
        } else {
          this.#conclude(replicaSet, active, terminating, undefined, done);
        }
      },
    );
  }

  get #now(): Micros {
    return this.context.simulation.now;
  }

  /** Up to 1.34 a second was added, to be on the safe side of the timer. */
  #onPodReady(key: ObjectKey): void {
    const minReadySeconds = this.#replicaSets.get(key)?.spec.minReadySeconds;
    if (minReadySeconds && !this.#config.checksNextAvailability) {
      this.enqueueAfter(key, seconds(minReadySeconds + 1));
    }
  }

  /** Its pods, and orphans that it could adopt. */
  #candidates({ metadata, spec }: ReplicaSet): readonly Pod[] {
    const own = this.#pods.byIndex('owner', metadata.uid ?? '');
    const orphans = this.#pods
      .byIndex('owner', '')
      .filter(
        (orphan) =>
          orphan.metadata.namespace === metadata.namespace &&
          matchesLabelSelector(spec.selector, orphan.metadata.labels),
      );
    return orphans.length === 0 ? own : [...own, ...orphans];
  }

  #isClaimed = (replicaSet: ReplicaSet, pod: Pod): boolean =>
    controllerOf(pod)?.uid === replicaSet.metadata.uid &&
    matchesLabelSelector(replicaSet.spec.selector, pod.metadata.labels);

  #manageReplicas(replicaSet: ReplicaSet, active: readonly Pod[], then: (failure: ApiError | undefined) => void): void {
    const missing = (replicaSet.spec.replicas ?? 1) - active.length;
    if (missing > 0) {
      this.#createPods(replicaSet, Math.min(missing, this.#config.burstReplicas), then);
    } else if (missing < 0) {
      this.#deletePods(replicaSet, active, Math.min(-missing, this.#config.burstReplicas), then);
    } else {
      then(undefined);
    }
  }

  #createPods(replicaSet: ReplicaSet, count: number, then: (failure: ApiError | undefined) => void): void {
    const key = keyOf(replicaSet);
    const draft = podFromTemplate(replicaSet.spec.template ?? {}, replicaSet, controllerReference(replicaSet));
    this.#expectations.expectCreations(key, count, this.#now);
    slowStartBatch<ApiError>(
      count,
      SLOW_START_INITIAL_BATCH_SIZE,
      // In a namespace that is going nothing can be created any more: no error, so no retries.
      (_, ended) =>
        this.#podControl.create(replicaSet, draft, (error) =>
          error && isNamespaceTerminating(error) ? ended() : ended(error),
        ),
      (successes, error) => {
        if (successes < count) {
          this.#expectations.creationObserved(key, count - successes);
        }
        then(error);
      },
    );
  }

  #deletePods(
    replicaSet: ReplicaSet,
    active: readonly Pod[],
    count: number,
    then: (failure: ApiError | undefined) => void,
  ): void {
    const key = keyOf(replicaSet);
    const pods = podsToDelete(active, this.#relatedPods(replicaSet), count, this.#now, this.#config);
    this.#expectations.expectDeletions(key, pods.map(keyOf), this.#now);
    allAtOnce<Pod, ApiError>(
      pods,
      (pod, ended) =>
        this.#podControl.delete(replicaSet, pod, (error) => {
          if (error) {
            this.#expectations.deletionObserved(key, keyOf(pod));
          }
          ended(error?.reason === 'NotFound' ? undefined : error);
        }),
      then,
    );
  }

  /** Pods of all ReplicaSets with the same owner: of both sides of a rolling update. As getIndirectlyRelatedPods. */
  *#relatedPods(replicaSet: ReplicaSet): Iterable<Pod> {
    const owner = controllerOf(replicaSet);
    for (const related of owner ? this.#replicaSets.byIndex('owner', owner.uid) : []) {
      for (const pod of this.#pods.byIndex('owner', related.metadata.uid ?? '')) {
        if (matchesLabelSelector(related.spec.selector, pod.metadata.labels)) {
          yield pod;
        }
      }
    }
  }

  #conclude(
    replicaSet: ReplicaSet,
    activePods: readonly Pod[],
    terminating: readonly Pod[],
    failure: ApiError | undefined,
    done: Done,
  ): void {
    const now = this.#now;
    const terminatingPods = this.#config.countsTerminating ? terminating : undefined;
    const status = replicaSetStatus(replicaSet, { activePods, terminatingPods, failure: failure?.message }, now);
    this.#updateStatus(replicaSet, status, this.#config.statusUpdateRetries, (ok) => {
      done(ok && !failure ? this.#nextLook(replicaSet, status, activePods, now) : 'retry');
    });
  }

  #updateStatus(replicaSet: ReplicaSet, status: ReplicaSetStatus, retries: number, then: (ok: boolean) => void): void {
    if (semanticallyEqual(replicaSet.status, status)) {
      then(true);
      return;
    }
    this.#source.updateStatus(this.#client, { ...replicaSet, status }, (reply) => {
      if (reply.ok) {
        this.#ownWrites.wrote(reply.object);
        then(true);
      } else if (retries === 0) {
        then(false);
      } else {
        this.#source.get(this.#client, keyOf(replicaSet), (current) =>
          current.ok ? this.#updateStatus(current.object, status, retries - 1, then) : then(false),
        );
      }
    });
  }

  /** Looks again when the next pod becomes available, since nothing will tell. */
  #nextLook({ spec }: ReplicaSet, status: ReplicaSetStatus, active: readonly Pod[], now: Micros): SyncResult {
    const minReady = spec.minReadySeconds ?? 0;
    const { readyReplicas = 0, availableReplicas = 0 } = status;
    if (minReady === 0 || readyReplicas === availableReplicas) {
      return 'done';
    }
    if (this.#config.checksNextAvailability) {
      const next = nextAvailability(active, minReady, now);
      return { requeueAfter: next === undefined ? seconds(minReady) : next - now };
    }
    return readyReplicas === (spec.replicas ?? 1) ? { requeueAfter: seconds(minReady) } : 'done';
  }
}

export const createReplicaSetController = (
  context: ControllerContext,
  config: ReplicaSetControllerConfiguration,
): ReplicaSetController => new ReplicaSetController(context, config, REPLICA_SETS);

/** The controller of ReplicationControllers: the same, on objects of another kind. As pkg/controller/replication. */
export const createReplicationControllerController = (
  context: ControllerContext,
  config: ReplicaSetControllerConfiguration,
): ReplicaSetController => new ReplicaSetController(context, config, REPLICATION_CONTROLLERS);
