import { type ObjectKey, seconds } from '../../engine/index.js';
import {
  availableFrom,
  byRevisionNumber,
  type ControllerRevision,
  controllerOf,
  isBeingDeleted,
  isPodReady,
  keyFor,
  keyOf,
  matchesLabelSelector,
  POD_REVISION_LABEL,
  type Pod,
  type StatefulSet,
  type StatefulSetStatus,
  semanticallyEqual,
  templateOf,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  Controller,
  type ControllerContext,
  ControllerHistory,
  claimObjects,
  type EnsuredRevision,
  type EventRecorder,
  type Informer,
  inTurn,
  OwnWrites,
  revisionsToTruncate,
  type SyncResult,
  slowStartBatch,
} from '../client-go/index.js';
import type { StatefulSetControllerConfiguration } from './config.js';
import {
  type Action,
  finishedStatus,
  isParallel,
  type Phase,
  type Plan,
  planSync,
  type Revision,
  statusAfter,
} from './decisions.js';
import { isMemberOf, type Replica, replicasOf } from './identity.js';
import { StatefulPodControl } from './pod-control.js';

type Done = (result: SyncResult) => void;
type Ended = (error?: ApiError) => void;

/** pkg/controller/statefulset/stateful_set_control.go runForAll */
const INITIAL_BATCH_SIZE = 1;

/** Gives each pod of a set a lasting name and storage of its own. Mirrors pkg/controller/statefulset. */
export class StatefulSetController extends Controller {
  readonly name = 'statefulset-controller';
  readonly #config: StatefulSetControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #podControl: StatefulPodControl;
  readonly #history: ControllerHistory;
  readonly #ownWrites = new OwnWrites();

  constructor(context: ControllerContext, config: StatefulSetControllerConfiguration) {
    super(context, { workers: config.workers });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#sets = context.informers.informer('StatefulSet');
    this.#pods = context.informers.informer('Pod');
    this.#revisions = context.informers.informer('ControllerRevision');
    const claims = context.informers.informer('PersistentVolumeClaim');
    this.#podControl = new StatefulPodControl(this.#client, this.#events, claims, config);
    this.#history = new ControllerHistory(this.#client);
    const wake = (set: StatefulSet): void => this.enqueue(keyOf(set));
    this.#sets.onChange({ added: wake, modified: wake, deleted: wake });
    this.#pods.onChange({
      added: (pod) => this.#onPodAdded(pod),
      modified: (pod, before) => this.#onPodModified(pod, before),
      deleted: (pod) => this.#wakeOwner(pod),
    });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#ownWrites.clear();
  }

  /** As sync and syncStatefulSet (stateful_set.go). */
  protected sync(key: ObjectKey, done: Done): void {
    const set = this.#sets.get(key);
    if (set === undefined) {
      this.#ownWrites.delete(key);
      done('done');
      return;
    }
    if (this.#config.waitsForOwnWrites && !this.#ownWrites.areIn(set)) {
      done('retry');
      return;
    }
    claimObjects(
      {
        client: this.#client,
        ownerKind: 'StatefulSet',
        owner: set,
        selector: set.spec.selector,
        kind: 'Pod',
        candidates: this.#candidates(set),
      },
      (pods, error) => {
        if (error) {
          done('retry');
        } else {
          this.#update(set, pods, done);
        }
      },
    );
  }

  /** As UpdateStatefulSet: revisions, pods, status, then the history. */
  #update(set: StatefulSet, pods: readonly Pod[], done: Done): void {
    const revisions = [...this.#revisions.byIndex('owner', set.metadata.uid ?? '')].sort(byRevisionNumber);
    this.#history.ensure(set, revisions, set.status?.collisionCount ?? 0, (ensured) => {
      if (ensured === undefined) {
        done('retry');
        return;
      }
      const plan = this.#plan(set, pods, revisions, ensured);
      this.#carryOut(set, plan, (updates, failure) => {
        const status = finishedStatus(set, statusAfter(plan.status, updates), this.#config);
        this.#updateStatus(set, status, this.#config.statusUpdateAttempts, (isWritten) => {
          const live = new Set([status.currentRevision, status.updateRevision, ...pods.map(revisionOf)]);
          const limit = set.spec.revisionHistoryLimit ?? 10;
          this.#history.remove(
            revisionsToTruncate(revisions, (name) => live.has(name), limit),
            (error) => done(failure || error || !isWritten ? 'retry' : this.#nextLook(set, status, pods)),
          );
        });
      });
    });
  }

  #plan(
    set: StatefulSet,
    pods: readonly Pod[],
    revisions: readonly ControllerRevision[],
    { revision, collisionCount }: EnsuredRevision,
  ): Plan {
    const current = revisions.find((one) => one.metadata.name === set.status?.currentRevision) ?? revision;
    return planSync(
      {
        set,
        pods,
        currentRevision: asRevision(current),
        updateRevision: asRevision(revision),
        collisionCount,
        hasForeignClaims: (pod, isCondemned) => this.#podControl.hasForeignClaims(set, pod, isCondemned),
      },
      this.context.simulation.now,
      this.#config,
    );
  }

  #carryOut(set: StatefulSet, plan: Plan, then: (updates: number, failure: ApiError | undefined) => void): void {
    inTurn<Phase, ApiError>(
      plan.phases,
      (phase, ended) => this.#runPhase(set, phase, ended),
      (failure) => {
        let updates = 0;
        if (failure) {
          then(updates, failure);
          return;
        }
        inTurn<Action, ApiError>(
          plan.updates,
          (action, ended) =>
            this.#podControl.carryOut(set, action, (error) => {
              updates += error ? 0 : 1;
              ended(error);
            }),
          (error) => then(updates, error),
        );
      },
    );
  }

  #runPhase(set: StatefulSet, phase: Phase, ended: Ended): void {
    const run = (actions: readonly Action[], next: Ended): void =>
      inTurn<Action, ApiError>(actions, (action, then) => this.#podControl.carryOut(set, action, then), next);
    if (isParallel(set) && this.#config.parallelBeginsInBatches) {
      slowStartBatch<ApiError>(
        phase.length,
        INITIAL_BATCH_SIZE,
        (index, next) => run(phase[index] ?? [], next),
        (_, error) => ended(error),
      );
    } else {
      inTurn(phase, run, ended);
    }
  }

  /** As UpdateStatefulSetStatus (stateful_set_status_updater.go). */
  #updateStatus(set: StatefulSet, status: StatefulSetStatus, attempts: number, then: (ok: boolean) => void): void {
    if (semanticallyEqual(set.status, status)) {
      then(true);
      return;
    }
    this.#client.updateStatus('StatefulSet', { ...set, status }, (reply) => {
      if (reply.ok) {
        this.#ownWrites.wrote(reply.object);
        then(true);
      } else if (reply.error.reason === 'Conflict' && attempts > 1) {
        this.context.simulation.after(this.#config.statusUpdateInterval, () => {
          const latest = this.#sets.get(keyOf(set));
          this.#updateStatus(latest ?? set, status, attempts - 1, then);
        });
      } else {
        then(false);
      }
    });
  }

  /** Looks again when the next pod becomes available, since nothing will tell. */
  #nextLook(set: StatefulSet, status: StatefulSetStatus, pods: readonly Pod[]): SyncResult {
    const minReady = set.spec.minReadySeconds ?? 0;
    if (minReady === 0 || status.availableReplicas === replicasOf(set)) {
      return 'done';
    }
    const now = this.context.simulation.now;
    const times = pods.flatMap((pod) => availableFrom(pod, minReady) ?? []).filter((at) => at > now);
    return this.#config.checksNextAvailability && times.length > 0
      ? { requeueAfter: Math.min(...times) - now }
      : { requeueAfter: seconds(minReady) };
  }

  /** Its pods, and orphans of a name that makes them its own. */
  #candidates(set: StatefulSet): Pod[] {
    const pods = [...this.#pods.byIndex('owner', set.metadata.uid ?? '')];
    for (const orphan of this.#pods.byIndex('owner', '')) {
      if (orphan.metadata.namespace === set.metadata.namespace && isMemberOf(set, orphan)) {
        pods.push(orphan);
      }
    }
    return pods.filter((pod) => isMemberOf(set, pod));
  }

  #onPodAdded(pod: Pod): void {
    if (controllerOf(pod) || isBeingDeleted(pod)) {
      this.#wakeOwner(pod);
    } else {
      this.#wakeAdopters(pod);
    }
  }

  #onPodModified(pod: Pod, before: Pod): void {
    const ownerChanged = !semanticallyEqual(controllerOf(pod), controllerOf(before));
    if (ownerChanged) {
      this.#wakeOwner(before);
    }
    if (!controllerOf(pod)) {
      if (ownerChanged || !semanticallyEqual(pod.metadata.labels, before.metadata.labels)) {
        this.#wakeAdopters(pod);
      }
      return;
    }
    const set = this.#wakeOwner(pod);
    const minReady = set?.spec.minReadySeconds ?? 0;
    if (set && minReady > 0 && !isPodReady(before) && isPodReady(pod) && !this.#config.checksNextAvailability) {
      this.enqueueAfter(keyOf(set), seconds(minReady + 1));
    }
  }

  #wakeOwner(pod: Pod): StatefulSet | undefined {
    const owner = controllerOf(pod);
    const set = owner?.kind === 'StatefulSet' ? this.#sets.get(keyFor(pod.metadata.namespace, owner.name)) : undefined;
    if (set === undefined || set.metadata.uid !== owner?.uid) {
      return undefined;
    }
    this.enqueue(keyOf(set));
    return set;
  }

  #wakeAdopters(pod: Pod): void {
    for (const set of this.#sets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (matchesLabelSelector(set.spec.selector, pod.metadata.labels)) {
        this.enqueue(keyOf(set));
      }
    }
  }
}

const asRevision = (revision: ControllerRevision): Revision => ({
  name: revision.metadata.name,
  template: templateOf(revision),
});

const revisionOf = (pod: Replica): string | undefined => pod.metadata.labels?.[POD_REVISION_LABEL];

export const createStatefulSetController = (
  context: ControllerContext,
  config: StatefulSetControllerConfiguration,
): StatefulSetController => new StatefulSetController(context, config);
