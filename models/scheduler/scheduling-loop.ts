import { entityKey, type Micros, type RandomStream, type Simulation } from '../../engine/index.js';
import type { Pod } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import { bindPod } from './binding-cycle.js';
import type { SchedulerConfiguration } from './config.js';
import { buildProfile } from './configuration/build-profile.js';
import { EventHandlers, POD_DELETE } from './event-handlers.js';
import { Cache } from './framework/cache.js';
import { Cycle, type CycleResult } from './framework/cycle.js';
import { Diagnosis, fitErrorMessage } from './framework/diagnosis.js';
import type { Extender, ExtenderCall } from './framework/extender.js';
import type { QuietReports } from './framework/image-counts.js';
import type { Listers } from './framework/listers.js';
import type { NodeInfo } from './framework/node-info.js';
import { onNode, type PodInfo } from './framework/pod-info.js';
import type { Profile } from './framework/profile.js';
import type { Snapshot } from './framework/snapshot.js';
import { isRejection, messageOf, type Status } from './framework/status.js';
import { WaitingPods } from './framework/waiting-pods.js';
import { IncrementalCycle } from './incremental/incremental-cycle.js';
import { extendersOf, preemptionClient } from './plugin-handle.js';
import type { SchedulerPlugin } from './plugins/user-plugin.js';
import type { VolumeClient } from './plugins/volume-binding/volume-binder.js';
import type { PodClient } from './pod-client.js';
import { FlushTimers } from './queue/flush-timers.js';
import { Nominations } from './queue/nominations.js';
import type { QueuedPodInfo } from './queue/queued-pod-info.js';
import { SchedulingQueue, schedulerNameOf } from './queue/scheduling-queue.js';
import type { SchedulingRecords } from './records.js';
import { reserve, unreserve } from './reservation.js';

export interface SchedulingLoopOptions {
  readonly simulation: Simulation;
  readonly configuration: SchedulerConfiguration;
  readonly listers: Listers;
  readonly pods: Informer<Pod>;
  readonly podClient: PodClient;
  readonly volumeClient: VolumeClient;
  readonly records: SchedulingRecords;
  readonly extras: SchedulerExtras;
  /** The status reports of nodes that are left out. */
  readonly reports: QuietReports;
}

/** What a user brings along besides a configuration. */
export interface SchedulerExtras {
  /** How extenders are asked; needed when the configuration names some. */
  readonly callExtender?: ExtenderCall;
  /** Plugins besides those of Kubernetes. */
  readonly plugins?: readonly SchedulerPlugin[];
  /** 'plain' asks every plugin about every node for every pod; both decide the same. */
  readonly engine?: 'incremental' | 'plain';
}

/** A tie, and where to begin and whom to take in preemption. */
const MAX_DRAWS_PER_ATTEMPT = 4;

/** Why an attempt came to nothing. */
interface Failure {
  readonly message: string;
  /** Refused by plugins or for want of nodes; otherwise something broke. */
  readonly isRejected: boolean;
  readonly diagnosis?: Diagnosis;
  /** Undefined leaves the nomination, '' clears it. */
  readonly nominatedNodeName?: string | undefined;
  /** What the cycle ends with, when that takes longer than a cycle does. */
  readonly finish?: ((then: () => void) => void) | undefined;
}

/** Where the time of an attempt went. */
interface Attempt {
  readonly queued: QueuedPodInfo;
  readonly profile: Profile;
  readonly waited: Micros;
}

/**
 * One life of kube-scheduler: cache, queue and the loop that takes one pod after the other. Binding goes on beside the loop.
 * As Scheduler (pkg/scheduler/scheduler.go, schedule_one.go).
 */
export class SchedulingLoop {
  readonly handlers: EventHandlers;
  readonly #simulation: Simulation;
  readonly #configuration: SchedulerConfiguration;
  readonly #pods: Informer<Pod>;
  readonly #podClient: PodClient;
  readonly #records: SchedulingRecords;
  readonly #cache: Cache;
  readonly #cycle: Pick<Cycle, 'schedule'>;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #nominations: Nominations;
  readonly #queue: SchedulingQueue;
  readonly #waitingPods: WaitingPods;
  readonly #flushes: FlushTimers;
  #snapshot: Snapshot;
  #hasSynced = false;
  #isBusy = false;
  #isStopped = false;
  readonly #extenders: readonly Extender[];
  readonly #chance: RandomStream;
  /** Counts the draws of the attempt under way. */
  #draws = 0;

  constructor(options: SchedulingLoopOptions) {
    const { simulation, configuration, listers, pods } = options;
    this.#simulation = simulation;
    this.#configuration = configuration;
    this.#pods = pods;
    this.#podClient = options.podClient;
    this.#records = options.records;
    this.#cache = new Cache(options.reports);
    this.#snapshot = this.#cache.snapshot();
    this.#chance = simulation.stream('scheduler ties');
    this.#extenders = extendersOf(configuration, options.extras.callExtender);
    this.#nominations = new Nominations(({ key }) => {
      const pod = pods.get(key);
      return pod !== undefined && !pod.spec.nodeName;
    });
    const cycleOptions = {
      ...configuration.cycle,
      extenders: this.#extenders,
      uniform: ({ uid }: PodInfo) => this.#draw(uid),
    };
    this.#cycle =
      options.extras.engine === 'plain'
        ? new Cycle(cycleOptions)
        : new IncrementalCycle(cycleOptions, this.#cache, this.#nominations);
    this.#waitingPods = new WaitingPods((delay, action) =>
      simulation.after(delay, () => {
        if (!this.#isStopped) {
          action();
        }
      }),
    );
    const preemption = preemptionClient({
      simulation,
      pods,
      podClient: this.#podClient,
      nominations: this.#nominations,
      waitingPods: this.#waitingPods,
      schedulingCycle: configuration.schedulingCycle,
      queue: () => this.#queue,
      isAlive: () => !this.#isStopped,
    });
    const profiles = configuration.profiles.map((profile) =>
      buildProfile(
        profile,
        {
          listers,
          snapshot: () => this.#snapshot,
          nominator: this.#nominations,
          defaults: configuration.defaults,
          postBinding: (pod, nodeName, done) => this.#podClient.bind(pod, nodeName, done),
          volumeClient: options.volumeClient,
          preemptionClient: preemption,
          uniform: (uid) => this.#draw(uid),
          extenders: this.#extenders,
          waitingPods: this.#waitingPods,
        },
        options.extras.plugins,
      ),
    );
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#queue = new SchedulingQueue({
      settings: configuration.queue,
      profiles,
      hasExtenders: this.#extenders.length > 0,
      nominations: this.#nominations,
      now: () => simulation.now,
      onChange: () => this.#onQueueChange(),
    });
    this.#flushes = new FlushTimers(simulation, this.#queue, configuration.queue);
    this.handlers = new EventHandlers({
      cache: this.#cache,
      queue: this.#queue,
      profileOf: (pod) => this.#profiles.get(schedulerNameOf(pod)),
      rejectWaitingPod: (pod) => {
        const waiting = this.#waitingPods.get(pod.metadata.uid ?? '');
        waiting?.reject('', 'removed');
        return waiting !== undefined;
      },
      namespaceLabels: (name) => listers.get('Namespace', name)?.metadata.labels,
      rules: { trustsHints: configuration.queue.usesHints },
    });
  }

  /** The caches hold their first list: the loop may begin. */
  onSynced(): void {
    this.#hasSynced = true;
    this.#onQueueChange();
  }

  stop(): void {
    this.#isStopped = true;
    this.#flushes.stop();
  }

  /** Draws depend on the pod and its attempt alone. */
  #draw(uid: string): number {
    return this.#chance.uniform(entityKey(uid), this.#draws++);
  }

  #onQueueChange(): void {
    this.#flushes.arm();
    if (this.#hasSynced && !this.#isBusy && !this.#isStopped && this.#queue.isPoppable) {
      this.#isBusy = true;
      // Whatever caused the change is told to the end first.
      this.#simulation.after(0, () => this.#next());
    }
  }

  /** Takes the next pod, or waits for one. As scheduleOne. */
  #next(): void {
    for (;;) {
      const queued = this.#isStopped ? undefined : this.#queue.pop();
      if (queued === undefined) {
        this.#isBusy = false;
        return;
      }
      const profile = this.#profiles.get(schedulerNameOf(queued.pod.pod));
      if (profile === undefined || this.#skips(queued)) {
        this.#queue.done(queued.pod.uid);
        continue;
      }
      const { now } = this.#simulation;
      this.#schedule({ queued, profile, waited: now - queued.timestamp });
      return;
    }
  }

  /** As skipPodSchedule: deleted meanwhile, or already counted on a node. */
  #skips({ pod }: QueuedPodInfo): boolean {
    if (pod.isTerminating) {
      this.#podClient.tellFailure(pod.pod, `skip schedule deleting pod: ${pod.key}`);
      return true;
    }
    return this.#cache.isAssumed(pod.key);
  }

  /** Decides now on what the cache holds now; what follows from it happens when the cycle's time is over. */
  #schedule(attempt: Attempt): void {
    const { queued, profile } = attempt;
    this.#draws = queued.attempts * MAX_DRAWS_PER_ATTEMPT;
    this.#snapshot = this.#cache.snapshot();
    const result = this.#cycle.schedule(profile, queued.pod, this.#snapshot, this.#records.wantsDetails);
    const failure = result.outcome === 'placed' ? undefined : this.#failureOf(attempt, result);
    const busy = this.#configuration.schedulingCycle + this.#extenderTime();
    const finish = failure?.finish ?? ((then: () => void) => this.#simulation.after(busy, then));
    finish(() => {
      if (this.#isStopped) {
        return;
      }
      if (result.outcome === 'placed') {
        this.#place(attempt, result);
      } else if (failure !== undefined) {
        this.#fail(attempt, failure, () => this.#next());
      }
    });
  }

  /** How long the cycle waited for extenders. */
  #extenderTime(): Micros {
    return this.#extenders.reduce((sum, extender) => sum + extender.takeTime(), 0);
  }

  /** Looks for another way, preemption, and words the failure. As schedulingCycle. */
  #failureOf({ queued, profile }: Attempt, result: Exclude<CycleResult, { outcome: 'placed' }>): Failure {
    if (result.outcome === 'error') {
      return { message: result.message, isRejected: result.isRejected, nominatedNodeName: '' };
    }
    const { diagnosis, state, nodeCount } = result;
    this.#records.verdicts(queued, diagnosis);
    let nominatedNodeName: string | undefined;
    let finish: Failure['finish'];
    if (profile.has('postFilter')) {
      const outcome = profile.runPostFilter({
        pod: queued.pod,
        profile,
        state,
        snapshot: this.#snapshot,
        diagnosis,
      });
      diagnosis.postFilterMessage = outcome.message;
      nominatedNodeName = outcome.nominatedNodeName;
      finish = outcome.finish;
    }
    const message = fitErrorMessage(nodeCount, diagnosis);
    return { message, isRejected: true, diagnosis, nominatedNodeName, finish };
  }

  /** Counts the pod on its node and lets it go there; the loop goes on. */
  #place(attempt: Attempt, result: Extract<CycleResult, { outcome: 'placed' }>): void {
    const { queued, profile } = attempt;
    const { node, state } = result;
    this.#records.verdicts(queued, result.diagnosis);
    if (result.scores !== undefined) {
      this.#records.scores(queued, result.scores);
    }
    if (this.#cache.pod(queued.key) !== undefined) {
      const message = `pod ${queued.pod.uid}(${queued.key}) is in the cache, so can't be assumed`;
      this.#fail(attempt, { message, isRejected: false, nominatedNodeName: '' }, () => this.#next());
      return;
    }
    const assumed = onNode(queued.pod, node.name);
    this.#cache.assumePod(assumed);
    this.#nominations.delete(assumed.uid);
    const refused = reserve(profile, assumed, node, state.filterStates, this.#waitingPods);
    if (refused !== undefined) {
      this.#cache.forgetPod(assumed.key);
      this.#fail(attempt, this.#refusal(node, refused), () => this.#next());
      return;
    }
    this.#bind(attempt, result, assumed);
    this.#next();
  }

  /** A refusal after the choice is worded as if there were this node alone. */
  #refusal(node: NodeInfo, status: Status): Failure {
    if (!isRejection(status)) {
      return { message: messageOf(status), isRejected: false, nominatedNodeName: '' };
    }
    const diagnosis = new Diagnosis();
    diagnosis.refuse(node.name, status);
    diagnosis.addRejector(status);
    return { message: fitErrorMessage(1, diagnosis), isRejected: true, diagnosis, nominatedNodeName: '' };
  }

  /** As bindingCycle: the API calls of a placement, one after the other. */
  #bind(attempt: Attempt, result: Extract<CycleResult, { outcome: 'placed' }>, pod: PodInfo): void {
    const { queued, profile, waited } = attempt;
    const { node, evaluated, feasible } = result;
    const startedAt = this.#simulation.now;
    bindPod(
      {
        profile,
        pod,
        node,
        podClient: this.#podClient,
        extenders: this.#extenders,
        waitingPods: this.#waitingPods,
        onPermitted: () => this.#queue.done(pod.uid),
        nominates: this.#configuration.defaults.nominatesForPreBind,
      },
      (status) => {
        if (this.#isStopped) {
          return;
        }
        if (status !== undefined) {
          this.#onBindingFailed(attempt, pod, node, status);
          return;
        }
        this.#podClient.tellScheduled(pod, node.name);
        this.#records.attempt(queued, {
          result: 'scheduled',
          node: node.name,
          reasons: '',
          evaluated,
          feasible,
          waited,
          cycle: this.#configuration.schedulingCycle,
          bind: this.#simulation.now - startedAt,
        });
      },
    );
  }

  /** As handleBindingCycleError: the room is free again, and the pod is tried again. */
  #onBindingFailed(attempt: Attempt, pod: PodInfo, node: NodeInfo, status: Status): void {
    unreserve(attempt.profile, pod, node);
    this.#cache.forgetPod(pod.key);
    const isRejected = isRejection(status);
    const tellOthers = (): void =>
      this.#queue.moveAll(POD_DELETE, pod.pod, undefined, isRejected ? ({ uid }) => uid !== pod.uid : undefined);
    if (!isRejected) {
      tellOthers();
    }
    const failure = isRejected
      ? this.#refusal(node, status)
      : { message: messageOf(status), isRejected: false, nominatedNodeName: '' };
    this.#fail(attempt, failure, () => {});
    if (isRejected) {
      tellOthers();
    }
  }

  /**
   * Back into the queue, event, condition. As handleSchedulingFailure: the loop waits for the answer to the condition's patch.
   */
  #fail({ queued, waited }: Attempt, failure: Failure, then: () => void): void {
    const { message, diagnosis, nominatedNodeName } = failure;
    const tried = queued.pod;
    for (const plugin of diagnosis?.unschedulablePlugins ?? []) {
      queued.unschedulablePlugins.add(plugin);
    }
    for (const plugin of diagnosis?.pendingPlugins ?? []) {
      queued.pendingPlugins.add(plugin);
    }
    const latest = this.#pods.get(queued.key);
    if (latest === undefined || latest.spec.nodeName || latest.metadata.uid !== tried.uid) {
      this.#queue.done(tried.uid);
    } else {
      this.#queue.fail(queued, latest, nominatedNodeName);
    }
    this.#records.attempt(queued, {
      result: failure.isRejected ? 'unschedulable' : 'error',
      node: nominatedNodeName ?? '',
      reasons: message,
      evaluated: diagnosis?.statuses.size ?? 0,
      feasible: 0,
      waited,
      cycle: this.#configuration.schedulingCycle,
      bind: 0,
    });
    this.#podClient.tellFailure(tried.pod, message);
    const reason = failure.isRejected ? 'Unschedulable' : 'SchedulerError';
    const condition = { type: 'PodScheduled', status: 'False', reason, message };
    this.#podClient.patchStatus(tried, { condition, nominatedNodeName }, () => {
      if (!this.#isStopped) {
        then();
      }
    });
  }
}
