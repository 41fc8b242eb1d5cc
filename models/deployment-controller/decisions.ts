import type { Micros } from '../../engine/time/micros.js';
import {
  type Deployment,
  isBeingDeleted,
  isPodTerminal,
  isSameTemplate,
  type Pod,
  type ReplicaSet,
} from '../api/index.js';
import { replicasOf } from './fenceposts.js';
import { newReplicaSetFor } from './new-replica-set.js';
import {
  type AnyReplicaSet,
  byCreation,
  byRevision,
  findActiveOrLatest,
  findNewReplicaSet,
  isActive,
} from './replica-sets.js';
import {
  desiredReplicas,
  lastRevision,
  maxRevision,
  newReplicaSetAnnotations,
  REVISION,
  replicasAnnotations,
  revisionOf,
  rollbackRevision,
  withAnnotations,
  withoutRollback,
  withRevision,
  withTemplateOf,
} from './revisions.js';
import { isSaturated, newReplicaSetSize, oldReplicaSetResizes, proportionalResizes } from './scaling.js';
import {
  calculateStatus,
  condition,
  hasProgressDeadline,
  isComplete,
  isSameStatus,
  type ProgressCheck,
  progressCheck,
  progressingOf,
  rolloutStatus,
  withProgressing,
} from './status.js';

/** What a sync of a Deployment sees. */
export interface Seen {
  readonly deployment: Deployment;
  /** The ReplicaSets it owns, adopted ones included. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Pods of those ReplicaSets; asked for by Recreate only. */
  podsOf(replicaSet: ReplicaSet): Iterable<Pod>;
}

/** How the versions differ. */
export interface DeploymentGates {
  /** status.terminatingReplicas is filled. */
  readonly DeploymentReplicaSetTerminatingReplicas: boolean;
  /** Events say "from A to B", not only "to B". */
  readonly scalingEventTellsOldSize: boolean;
}

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/**
 * One step of a sync, done in order. A write that is refused ends the sync, to be retried; unless it is `tolerated`, then the
 * other tolerated writes are skipped and the rest goes on.
 */
export type Step =
  | { readonly do: 'createReplicaSet'; readonly replicaSet: AnyReplicaSet; readonly event: EventDraft | undefined }
  | {
      readonly do: 'updateReplicaSet';
      readonly replicaSet: ReplicaSet;
      readonly event: EventDraft | undefined;
      /** Builds on what this sync's previous write of the same ReplicaSet answered, not on the cache. */
      readonly followsOwnWrite?: boolean;
      readonly tolerated?: boolean;
    }
  | { readonly do: 'deleteReplicaSet'; readonly replicaSet: ReplicaSet }
  | { readonly do: 'updateDeployment'; readonly deployment: Deployment }
  | { readonly do: 'updateStatus'; readonly deployment: Deployment }
  | { readonly do: 'event'; readonly event: EventDraft };

export interface Plan {
  readonly steps: readonly Step[];
  /** Set when nothing may happen by itself before the progress deadline. */
  readonly check: ProgressCheck | undefined;
}

/**
 * What one sync of a Deployment does, from first write to last. As DeploymentController.syncDeployment
 * (pkg/controller/deployment/deployment_controller.go), once it has claimed its ReplicaSets.
 */
export function planSync(seen: Seen, now: Micros, gates: DeploymentGates): Plan {
  const sync = new DeploymentSync(seen, now, gates);
  sync.run();
  return { steps: sync.steps, check: sync.check };
}

/** The Deployment as the sync goes on: it writes what it means to write, and goes on as if it had been done. */
class DeploymentSync {
  readonly steps: Step[] = [];
  check: ProgressCheck | undefined;
  readonly #seen: Seen;
  readonly #now: Micros;
  readonly #gates: DeploymentGates;
  #deployment: Deployment;
  #found: { readonly deployment: Deployment; readonly existing: Found<ReplicaSet | undefined> } | undefined;

  constructor(seen: Seen, now: Micros, gates: DeploymentGates) {
    this.#seen = seen;
    this.#now = now;
    this.#gates = gates;
    this.#deployment = seen.deployment;
  }

  run(): void {
    const { selector } = this.#deployment.spec;
    if (!selector.matchLabels && !selector.matchExpressions) {
      this.#refuseToSelectAll();
    } else if (isBeingDeleted(this.#deployment)) {
      const { newReplicaSet, all } = this.#existingReplicaSets();
      this.#writeStatus(all, newReplicaSet);
    } else {
      this.#notePause();
      this.#reconcile();
    }
  }

  #reconcile(): void {
    const { paused, strategy } = this.#deployment.spec;
    if (paused) {
      this.#scaleOnly();
    } else if (rollbackRevision(this.#deployment) !== undefined) {
      this.#rollBack();
    } else if (this.#hasBeenScaled()) {
      this.#scaleOnly();
    } else if (strategy?.type === 'Recreate') {
      this.#recreate();
    } else {
      this.#rollOut();
    }
  }

  #refuseToSelectAll(): void {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    this.#tell({ type: 'Warning', reason: 'SelectingAll', message });
    const { generation } = this.#deployment.metadata;
    if ((this.#deployment.status?.observedGeneration ?? 0) < (generation ?? 0)) {
      this.#updateStatus({ ...this.#deployment.status, observedGeneration: generation });
    }
  }

  /** So that a pause is not taken for lack of progress. As checkPausedConditions (sync.go). */
  #notePause(): void {
    const progressing = progressingOf(this.#deployment.status);
    if (!hasProgressDeadline(this.#deployment) || progressing?.reason === 'ProgressDeadlineExceeded') {
      return;
    }
    const isNoted = progressing?.reason === 'DeploymentPaused';
    const paused = this.#deployment.spec.paused === true;
    if (paused !== isNoted) {
      const [reason, message] = paused
        ? (['DeploymentPaused', 'Deployment is paused'] as const)
        : (['DeploymentResumed', 'Deployment is resumed'] as const);
      this.#updateStatus(
        withProgressing(this.#deployment, condition('Progressing', 'Unknown', reason, message, this.#now)).status,
      );
    }
  }

  /** A ReplicaSet with pods was last sized for another number of replicas. As isScalingEvent. */
  #hasBeenScaled(): boolean {
    const { all } = this.#existingReplicaSets();
    return all.filter(isActive).some((one) => {
      const desired = desiredReplicas(one);
      return desired !== undefined && desired !== replicasOf(this.#deployment);
    });
  }

  /** As sync (sync.go): no new ReplicaSet, no roll-out. */
  #scaleOnly(): void {
    const { newReplicaSet, old, all } = this.#existingReplicaSets();
    this.#scale(newReplicaSet, old);
    if (this.#deployment.spec.paused && rollbackRevision(this.#deployment) === undefined) {
      this.#cleanUp(old);
    }
    this.#writeStatus(all, newReplicaSet);
  }

  #scale(newReplicaSet: AnyReplicaSet | undefined, old: readonly AnyReplicaSet[]): void {
    const replicas = replicasOf(this.#deployment);
    const single = findActiveOrLatest(newReplicaSet, old);
    if (single) {
      this.#resize(single, replicas);
    } else if (newReplicaSet && isSaturated(this.#deployment, newReplicaSet)) {
      for (const one of old.filter(isActive)) {
        this.#resize(one, 0);
      }
    } else if (this.#deployment.spec.strategy?.type === 'RollingUpdate') {
      const all = [...old, ...(newReplicaSet ? [newReplicaSet] : [])];
      for (const { replicaSet, to } of proportionalResizes(this.#deployment, all)) {
        this.#resize(replicaSet, to, { annotateAnyway: true });
      }
    }
  }

  /** As rolloutRolling (rolling.go): up or down in one sync, not both. */
  #rollOut(): void {
    const { newReplicaSet, old, all } = this.#replicaSetsWithNew();
    if (!this.#growNew(newReplicaSet, all) && !this.#shrinkOld(newReplicaSet, old)) {
      this.#cleanUpIfComplete(old);
    }
    this.#writeRolloutStatus(all, newReplicaSet);
  }

  #growNew(newReplicaSet: AnyReplicaSet, all: readonly AnyReplicaSet[]): boolean {
    const replicas = replicasOf(this.#deployment);
    const isTooLarge = replicasOf(newReplicaSet) > replicas;
    return this.#resize(newReplicaSet, isTooLarge ? replicas : newReplicaSetSize(this.#deployment, all, newReplicaSet));
  }

  #shrinkOld(newReplicaSet: AnyReplicaSet, old: readonly AnyReplicaSet[]): boolean {
    const written = new Set<AnyReplicaSet>();
    const activeOld = old.filter(isActive).sort(byCreation);
    for (const { replicaSet, from, to } of oldReplicaSetResizes(this.#deployment, activeOld, newReplicaSet)) {
      this.#resize(replicaSet, to, { from, tolerated: true, followsOwnWrite: written.has(replicaSet) });
      written.add(replicaSet);
    }
    return written.size > 0;
  }

  /** As rolloutRecreate (recreate.go): nothing new before the last old pod has ended. */
  #recreate(): void {
    const existing = this.#existingReplicaSets();
    const activeOld = existing.old.filter(isActive);
    for (const one of activeOld) {
      this.#resize(one, 0);
    }
    if (activeOld.length > 0 || this.#hasOldPodsRunning(existing.newReplicaSet, existing.old)) {
      this.#writeRolloutStatus(existing.all, existing.newReplicaSet);
      return;
    }
    const { newReplicaSet, old, all } = existing.newReplicaSet
      ? { ...existing, newReplicaSet: existing.newReplicaSet }
      : this.#replicaSetsWithNew();
    this.#resize(newReplicaSet, replicasOf(this.#deployment));
    this.#cleanUpIfComplete(old);
    this.#writeRolloutStatus(all, newReplicaSet);
  }

  /** Pods that are being deleted still run. As oldPodsRunning. */
  #hasOldPodsRunning(newReplicaSet: AnyReplicaSet | undefined, old: readonly ReplicaSet[]): boolean {
    if (old.some((one) => (one.status?.replicas ?? 0) > 0)) {
      return true;
    }
    const others = this.#seen.replicaSets.filter((one) => one.metadata.uid !== newReplicaSet?.metadata.uid);
    return others.some((one) => [...this.#seen.podsOf(one)].some((pod) => !isPodTerminal(pod)));
  }

  /** The legacy annotation of extensions/v1beta1; kubectl rolls back by itself. As rollback (rollback.go). */
  #rollBack(): void {
    const { all } = this.#replicaSetsWithNew();
    const wanted = rollbackRevision(this.#deployment) || lastRevision(all);
    const warn = (reason: string, message: string): void => this.#tell({ type: 'Warning', reason, message });
    const target = wanted === 0 ? undefined : all.find((one) => revisionOf(one) === wanted);
    let deployment = this.#deployment;
    let isRolledBack = false;
    if (!target) {
      warn(
        'DeploymentRollbackRevisionNotFound',
        wanted === 0 ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.',
      );
    } else if (isSameTemplate(deployment.spec.template, target.spec.template)) {
      const message = `The rollback revision contains the same template as current deployment "${deployment.metadata.name}"`;
      warn('DeploymentRollbackTemplateUnchanged', message);
    } else {
      deployment = withTemplateOf(deployment, target);
      isRolledBack = true;
    }
    this.steps.push({ do: 'updateDeployment', deployment: withoutRollback(deployment) });
    if (isRolledBack) {
      const message = `Rolled back deployment "${deployment.metadata.name}" to revision ${wanted}`;
      this.#tell({ type: 'Normal', reason: 'DeploymentRollback', message });
    }
  }

  /** Of the Deployment as it is by now; the same until something is written. */
  #existingReplicaSets(): Found<ReplicaSet | undefined> {
    if (this.#found === undefined || this.#found.deployment !== this.#deployment) {
      const written = this.steps.length;
      const existing = this.#findReplicaSets();
      if (this.steps.length > written) {
        return existing;
      }
      this.#found = { deployment: this.#deployment, existing };
    }
    return this.#found.existing;
  }

  #findReplicaSets(): Found<ReplicaSet | undefined> {
    const standing = findNewReplicaSet(this.#deployment, this.#seen.replicaSets);
    const old = this.#seen.replicaSets.filter((one) => one.metadata.uid !== standing?.metadata.uid);
    const newReplicaSet = standing && this.#syncRevision(standing, maxRevision(old) + 1);
    return { newReplicaSet, old, all: newReplicaSet ? [...old, newReplicaSet] : old };
  }

  #replicaSetsWithNew(): Found<AnyReplicaSet> {
    const { newReplicaSet: standing, old } = this.#existingReplicaSets();
    const newReplicaSet = standing ?? this.#createNew(old);
    return { newReplicaSet, old, all: [...old, newReplicaSet] };
  }

  /** Brings the annotations of a standing new ReplicaSet up to date. As the first half of getNewReplicaSet (sync.go). */
  #syncRevision(standing: ReplicaSet, revision: number): ReplicaSet {
    const annotations = newReplicaSetAnnotations(this.#deployment, standing, revision);
    const { minReadySeconds } = this.#deployment.spec;
    const isSettled =
      annotations === standing.metadata.annotations && (standing.spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
    if (!isSettled) {
      const replicaSet: ReplicaSet = {
        ...standing,
        metadata: { ...standing.metadata, annotations },
        spec: { ...standing.spec, minReadySeconds },
      };
      this.steps.push({ do: 'updateReplicaSet', replicaSet, event: undefined });
      return replicaSet;
    }
    let deployment = withRevision(this.#deployment, standing.metadata.annotations?.[REVISION] ?? '');
    if (hasProgressDeadline(deployment) && progressingOf(deployment.status) === undefined) {
      const message = `Found new replica set "${standing.metadata.name}"`;
      const found = condition('Progressing', 'True', 'FoundNewReplicaSet', message, this.#now);
      deployment = withProgressing(deployment, found);
    }
    this.#writeDeploymentStatus(deployment);
    return standing;
  }

  #createNew(old: readonly ReplicaSet[]): AnyReplicaSet {
    const revision = maxRevision(old) + 1;
    const replicaSet = newReplicaSetFor(this.#deployment, old, revision);
    const replicas = replicasOf(replicaSet);
    const { name } = replicaSet.metadata;
    this.steps.push({
      do: 'createReplicaSet',
      replicaSet,
      event: replicas > 0 ? this.#scalingEvent(name, 0, replicas) : undefined,
    });
    let deployment = withRevision(this.#deployment, String(revision));
    if (hasProgressDeadline(deployment)) {
      const created = condition(
        'Progressing',
        'True',
        'NewReplicaSetCreated',
        `Created new replica set "${name}"`,
        this.#now,
      );
      deployment = withProgressing(deployment, created);
    }
    this.#writeDeploymentStatus(deployment);
    return replicaSet;
  }

  /** As scaleReplicaSet; `annotateAnyway` where its caller does not ask first whether the size differs. */
  #resize(
    replicaSet: AnyReplicaSet,
    replicas: number,
    how: { from?: number; annotateAnyway?: boolean; tolerated?: boolean; followsOwnWrite?: boolean } = {},
  ): boolean {
    const size = how.from ?? replicasOf(replicaSet);
    const annotations = withAnnotations(replicaSet.metadata.annotations, replicasAnnotations(this.#deployment));
    const isAnnotated = annotations === replicaSet.metadata.annotations;
    if (size === replicas && (isAnnotated || !how.annotateAnyway)) {
      return false;
    }
    const changed = {
      ...replicaSet,
      metadata: { ...replicaSet.metadata, annotations },
      spec: { ...replicaSet.spec, replicas },
    } as ReplicaSet;
    this.steps.push({
      do: 'updateReplicaSet',
      replicaSet: changed,
      event: size === replicas ? undefined : this.#scalingEvent(replicaSet.metadata.name, size, replicas),
      ...(how.followsOwnWrite && { followsOwnWrite: true }),
      ...(how.tolerated && { tolerated: true }),
    });
    return size !== replicas;
  }

  /** Old ReplicaSets beyond the history limit go, lowest revision first. As cleanupDeployment. */
  #cleanUp(old: readonly ReplicaSet[]): void {
    const limit = this.#deployment.spec.revisionHistoryLimit;
    if (limit === undefined || limit === MAX_INT32) {
      return;
    }
    const alive = old.filter((one) => !isBeingDeleted(one)).sort(byRevision);
    for (const one of alive.slice(0, Math.max(0, alive.length - limit))) {
      const isObserved = (one.metadata.generation ?? 0) <= (one.status?.observedGeneration ?? 0);
      if ((one.status?.replicas ?? 0) === 0 && replicasOf(one) === 0 && isObserved) {
        this.steps.push({ do: 'deleteReplicaSet', replicaSet: one });
      }
    }
  }

  #cleanUpIfComplete(old: readonly ReplicaSet[]): void {
    if (isComplete(this.#deployment, this.#deployment.status)) {
      this.#cleanUp(old);
    }
  }

  #writeStatus(all: readonly AnyReplicaSet[], newReplicaSet: AnyReplicaSet | undefined): void {
    const status = this.#calculate(all, newReplicaSet);
    if (!isSameStatus(this.#deployment.status, status)) {
      this.#updateStatus(status);
    }
  }

  #writeRolloutStatus(all: readonly AnyReplicaSet[], newReplicaSet: AnyReplicaSet | undefined): void {
    const calculated = this.#calculate(all, newReplicaSet);
    const status = rolloutStatus(this.#deployment, calculated, all, newReplicaSet, this.#now);
    if (isSameStatus(this.#deployment.status, status)) {
      this.check = progressCheck(this.#deployment, status, this.#now);
    } else {
      this.#updateStatus(status);
    }
  }

  #calculate(
    all: readonly AnyReplicaSet[],
    newReplicaSet: AnyReplicaSet | undefined,
  ): NonNullable<Deployment['status']> {
    const countsTerminating = this.#gates.DeploymentReplicaSetTerminatingReplicas;
    return calculateStatus(this.#deployment, all, newReplicaSet, this.#now, countsTerminating);
  }

  #updateStatus(status: Deployment['status']): void {
    this.#writeDeploymentStatus({ ...this.#deployment, status });
  }

  #writeDeploymentStatus(deployment: Deployment): void {
    if (deployment !== this.#deployment) {
      this.#deployment = deployment;
      this.steps.push({ do: 'updateStatus', deployment });
    }
  }

  #tell(event: EventDraft): void {
    this.steps.push({ do: 'event', event });
  }

  #scalingEvent(name: string, from: number, to: number): EventDraft {
    const direction = from < to ? 'up' : 'down';
    const sizes = this.#gates.scalingEventTellsOldSize ? `from ${from} to ${to}` : `to ${to}`;
    return {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${name} ${sizes}`,
    };
  }
}

interface Found<New> {
  readonly newReplicaSet: New;
  readonly old: readonly ReplicaSet[];
  readonly all: readonly AnyReplicaSet[];
}

const MAX_INT32 = 2 ** 31 - 1;

/** The Deployment after its new ReplicaSet's name was found taken: the next hash will differ. */
export const withCollision = (deployment: Deployment): Deployment => ({
  ...deployment,
  status: { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 },
});

/** What is said when the new ReplicaSet cannot be created; the condition only where progress is watched. */
export function withCreateError(
  deployment: Deployment,
  name: string,
  error: string,
  now: Micros,
): { readonly deployment: Deployment; readonly event: EventDraft } {
  const message = `Failed to create new replica set "${name}": ${error}`;
  const failed = condition('Progressing', 'False', 'ReplicaSetCreateError', message, now);
  return {
    deployment: hasProgressDeadline(deployment) ? withProgressing(deployment, failed) : deployment,
    event: { type: 'Warning', reason: 'ReplicaSetCreateError', message },
  };
}
