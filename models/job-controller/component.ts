import { type Micros, type ObjectKey, seconds } from '../../engine/index.js';
import {
  controllerOf,
  isBeingDeleted,
  type Job,
  keyFor,
  keyOf,
  matchesLabelSelector,
  type OwnerReference,
  type Pod,
  semanticallyEqual,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  Controller,
  type ControllerContext,
  claimObjects,
  type EventRecorder,
  Expectations,
  ExponentialFailureLimiter,
  type Informer,
  KeyQueue,
  OwnWrites,
  PodControl,
  type SyncResult,
} from '../client-go/index.js';
import { type BackoffRecord, NO_FAILURES } from './backoff.js';
import { isJobFinished } from './conditions.js';
import type { JobControllerConfiguration } from './config.js';
import { JobSync } from './decisions.js';
import { JobPods } from './job-pods.js';
import { isTracked } from './pods.js';

type Done = (result: SyncResult) => void;

const MANAGED_BY_THIS = 'kubernetes.io/job-controller';
const NONE: ReadonlySet<string> = new Set();

/** Runs pods to completion. Mirrors pkg/controller/job. */
export class JobController extends Controller {
  readonly name = 'job-controller';
  readonly #config: JobControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #jobPods: JobPods;
  readonly #orphans: KeyQueue;
  readonly #expectations = new Expectations();
  readonly #ownWrites = new OwnWrites();
  readonly #records = new Map<ObjectKey, BackoffRecord>();
  /** Uids of pods whose finalizer was taken off but is still in the cache, by Job. */
  readonly #releasing = new Map<ObjectKey, Set<string>>();
  /** Where the queue backs off by itself: new failures in a row. */
  readonly #failures = new Map<ObjectKey, number>();

  constructor(context: ControllerContext, config: JobControllerConfiguration) {
    const limiter = () => new ExponentialFailureLimiter(config.apiBackOff, config.maxApiBackOff);
    super(context, { workers: config.workers, rateLimiter: limiter });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#jobs = context.informers.informer('Job');
    this.#pods = context.informers.informer('Pod');
    const podControl = new PodControl(this.#client, this.#events);
    this.#jobPods = new JobPods(this.#client, podControl, this.#expectations, config.labelsIndex);
    this.#orphans = new KeyQueue('orphaned pods', context, { workers: 1, rateLimiter: limiter }, (key, done) =>
      this.#syncOrphan(key, done),
    );
    this.#jobs.onChange({
      added: (job) => this.enqueue(keyOf(job)),
      modified: (job, before) => this.#onJobModified(job, before),
      deleted: (job) => {
        this.enqueue(keyOf(job));
        this.#releasePodsOf(job);
      },
    });
    this.#pods.onChange({
      added: (pod) => this.#onPodAdded(pod),
      modified: (pod, before) => this.#onPodModified(pod, before),
      deleted: (pod) => this.#onPodDeleted(pod, true),
    });
  }

  override start(): void {
    super.start();
    this.#orphans.start();
  }

  override stop(): void {
    super.stop();
    this.#orphans.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#expectations.clear();
    this.#ownWrites.clear();
    this.#records.clear();
    this.#releasing.clear();
    this.#failures.clear();
  }

  /** As syncJob, which decisions.ts takes apart. */
  protected sync(key: ObjectKey, done: Done): void {
    const job = this.#jobs.get(key);
    if (job === undefined || isJobFinished(job)) {
      this.#forget(key, job === undefined);
      done('done');
      return;
    }
    const { managedBy } = job.spec;
    if (managedBy !== undefined && managedBy !== MANAGED_BY_THIS) {
      done('done');
      return;
    }
    if (this.#config.waitsForOwnWrites && !this.#ownWrites.areIn(job)) {
      done('retry');
      return;
    }
    const mayAct = this.#expectations.areSatisfied(key, this.#now);
    claimObjects(
      {
        client: this.#client,
        ownerKind: 'Job',
        owner: job,
        selector: job.spec.selector,
        kind: 'Pod',
        candidates: this.#candidates(job),
      },
      (pods, error) => {
        if (error) {
          done('retry');
        } else {
          this.#work(key, job, pods, mayAct, done);
        }
      },
    );
  }

  #forget(key: ObjectKey, isGone: boolean): void {
    this.#records.delete(key);
    this.#failures.delete(key);
    if (isGone) {
      this.#expectations.delete(key);
      this.#releasing.delete(key);
      this.#ownWrites.delete(key);
    }
  }

  get #now(): Micros {
    return this.context.simulation.now;
  }

  #work(key: ObjectKey, job: Job, pods: readonly Pod[], mayAct: boolean, done: Done): void {
    const releasing = this.#releasing.get(key) ?? NONE;
    const record = this.#records.get(key) ?? NO_FAILURES;
    const sync = new JobSync({ job, pods, releasing, mayAct, record }, this.#now, this.#config);
    for (const after of sync.wakeUps) {
      this.enqueueAfter(key, after);
    }
    this.#jobPods.carryOut(job, sync.action, this.#now, (outcome, actionError) => {
      const tracking = sync.track(outcome);
      if (!tracking.needsFlush) {
        this.#release(key, sync, tracking.job, tracking.release, actionError, done);
        return;
      }
      this.#client.updateStatus('Job', tracking.job, (reply) => {
        if (!reply.ok) {
          done('retry');
          return;
        }
        this.#ownWrites.wrote(reply.object);
        this.#records.set(key, tracking.record);
        this.#release(key, sync, reply.object, tracking.release, actionError, done);
      });
    });
  }

  /** As flushUncountedAndRemoveFinalizers, from the finalizers on. */
  #release(
    key: ObjectKey,
    sync: JobSync,
    stored: Job,
    pods: readonly Pod[],
    actionError: ApiError | undefined,
    done: Done,
  ): void {
    const expected = this.#releasing.get(key) ?? new Set<string>();
    this.#releasing.set(key, expected);
    for (const pod of pods) {
      expected.add(pod.metadata.uid ?? '');
    }
    this.#jobPods.release(pods, (released, releaseError) => {
      for (const { metadata } of pods) {
        if (!released.has(metadata.uid ?? '')) {
          expected.delete(metadata.uid ?? '');
        }
      }
      const { write, events } = sync.conclude(stored, released, this.#now);
      const finish = (isWritten: boolean): void => {
        for (const { type, reason, message } of isWritten ? events : []) {
          this.#events.event(stored, type, reason, message);
        }
        done(actionError || releaseError || !isWritten ? 'retry' : this.#settle(key, sync));
      };
      if (write === undefined) {
        finish(true);
        return;
      }
      this.#client.updateStatus('Job', write, (reply) => {
        if (reply.ok) {
          this.#ownWrites.wrote(reply.object);
        }
        finish(reply.ok);
      });
    });
  }

  /** Up to 1.26 a sync that saw a new failure counted as failed itself, and the queue held the Job back. */
  #settle(key: ObjectKey, sync: JobSync): SyncResult {
    if (this.#config.backsOffByFinishTimes) {
      return 'done';
    }
    if (sync.hasNewFailure) {
      this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
      return { requeueAfter: this.#queueBackoff(key) };
    }
    if (sync.hasNewSuccess) {
      this.#failures.delete(key);
    }
    return 'done';
  }

  /** As getBackoff of 1.23. */
  #queueBackoff(key: ObjectKey): Micros {
    const failures = this.#failures.get(key) ?? 0;
    return failures === 0 ? 0 : Math.min(this.#config.defaultBackoff * 2 ** (failures - 1), this.#config.maxBackoff);
  }

  #candidates({ metadata, spec }: Job): Pod[] {
    const pods = [...this.#pods.byIndex('owner', metadata.uid ?? '')];
    for (const orphan of this.#pods.byIndex('owner', '')) {
      if (
        orphan.metadata.namespace === metadata.namespace &&
        matchesLabelSelector(spec.selector, orphan.metadata.labels)
      ) {
        pods.push(orphan);
      }
    }
    return pods;
  }

  #onJobModified(job: Job, before: Job): void {
    const key = keyOf(job);
    if (job.metadata.generation === before.metadata.generation) {
      this.enqueueAfter(key, this.#config.syncBatchPeriod);
    } else {
      this.enqueue(key);
    }
    if (isJobFinished(job)) {
      this.#releasePodsOf(job);
    }
    const { activeDeadlineSeconds } = job.spec;
    const { startTime } = job.status ?? {};
    if (
      startTime !== undefined &&
      activeDeadlineSeconds !== undefined &&
      activeDeadlineSeconds !== before.spec.activeDeadlineSeconds
    ) {
      this.enqueueAfter(key, startTime + seconds(activeDeadlineSeconds) - this.#now);
    }
  }

  #onPodAdded(pod: Pod): void {
    if (isBeingDeleted(pod)) {
      this.#onPodDeleted(pod, false);
      return;
    }
    const owner = controllerOf(pod);
    if (owner) {
      const job = this.#resolve(pod, owner);
      if (job) {
        this.#expectations.creationObserved(keyOf(job));
        this.#enqueueBatched(job, pod);
      }
      return;
    }
    if (isTracked(pod)) {
      this.#orphans.add(keyOf(pod));
    }
    this.#wakeAdopters(pod);
  }

  #onPodModified(pod: Pod, before: Pod): void {
    if (isBeingDeleted(pod)) {
      this.#onPodDeleted(pod, false);
      return;
    }
    const owner = controllerOf(pod);
    const ownerBefore = controllerOf(before);
    const ownerChanged = !semanticallyEqual(owner, ownerBefore);
    const former = ownerChanged && ownerBefore ? this.#resolve(before, ownerBefore) : undefined;
    if (former) {
      this.#observeRelease(former, pod);
      this.#enqueueBatched(former, pod);
    }
    if (owner) {
      const job = this.#resolve(pod, owner);
      if (job) {
        this.#observeRelease(job, pod);
        this.#enqueueBatched(job, pod);
      }
      return;
    }
    if (isTracked(pod)) {
      this.#orphans.add(keyOf(pod));
    }
    if (ownerChanged || !semanticallyEqual(pod.metadata.labels, before.metadata.labels)) {
      this.#wakeAdopters(pod);
    }
  }

  /** `isFinal`: it is gone; otherwise its deletion has begun. */
  #onPodDeleted(pod: Pod, isFinal: boolean): void {
    const owner = controllerOf(pod);
    const job = owner && this.#resolve(pod, owner);
    if (job === undefined || isJobFinished(job)) {
      if (isTracked(pod) && (owner === undefined || owner.kind === 'Job')) {
        this.#orphans.add(keyOf(pod));
      }
      return;
    }
    this.#expectations.deletionObserved(keyOf(job), keyOf(pod));
    if (isFinal || !isTracked(pod)) {
      this.#releasing.get(keyOf(job))?.delete(pod.metadata.uid ?? '');
    }
    this.#enqueueBatched(job, pod);
  }

  #observeRelease(job: Job, pod: Pod): void {
    if (!isTracked(pod)) {
      this.#releasing.get(keyOf(job))?.delete(pod.metadata.uid ?? '');
    }
  }

  #enqueueBatched(job: Job, pod: Pod): void {
    const key = keyOf(job);
    const isFailure = !this.#config.backsOffByFinishTimes && pod.status?.phase === 'Failed';
    this.enqueueAfter(key, Math.max(this.#config.syncBatchPeriod, isFailure ? this.#queueBackoff(key) : 0));
  }

  #resolve(pod: Pod, { kind, name, uid }: OwnerReference): Job | undefined {
    const job = kind === 'Job' ? this.#jobs.get(keyFor(pod.metadata.namespace, name)) : undefined;
    return job?.metadata.uid === uid ? job : undefined;
  }

  #wakeAdopters(pod: Pod): void {
    for (const job of this.#jobs.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (matchesLabelSelector(job.spec.selector, pod.metadata.labels)) {
        this.enqueueAfter(keyOf(job), this.#config.syncBatchPeriod);
      }
    }
  }

  /** Nobody will count these pods any more. As cleanupPodFinalizers. */
  #releasePodsOf(job: Job): void {
    for (const pod of this.#pods.byIndex('owner', job.metadata.uid ?? '')) {
      if (isTracked(pod)) {
        this.#orphans.add(keyOf(pod));
      }
    }
  }

  /** As syncOrphanPod. */
  #syncOrphan(key: ObjectKey, done: Done): void {
    const pod = this.#pods.get(key);
    const owner = pod && controllerOf(pod);
    const job = pod && owner ? this.#resolve(pod, owner) : undefined;
    if (pod === undefined || !isTracked(pod) || (job && !isJobFinished(job))) {
      done('done');
      return;
    }
    this.#jobPods.releaseOne(pod, (error) => done(error ? 'retry' : 'done'));
  }
}

export const createJobController = (context: ControllerContext, config: JobControllerConfiguration): JobController =>
  new JobController(context, config);
