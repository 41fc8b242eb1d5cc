import { type Micros, wholeSecond } from '../../../engine/index.js';
import { isSameValue } from '../../api/equality.js';
import {
  isMirrorPod,
  isStaticPod,
  keyOf,
  type Pod,
  type PodStatus,
  type RestartPolicyGates,
  withCondition,
} from '../../api/index.js';
import type { ApiClient } from '../../client-go/index.js';
import { isTerminalPhase, withTransitionTimes } from '../pod-status/index.js';
import type { ProcessClock, Ticker } from '../process-clock.js';
import { isSameKubeletStatus, mergedStatus, resurrects, terminatedStatus } from './decisions.js';
import { fullStatus } from './full-status.js';
import { withContainerReadiness, withContainerStartup } from './probe-results.js';

export interface StatusManagerGates extends RestartPolicyGates {
  readonly PodObservedGenerationTracking: boolean;
  /** Not a gate: [37] a deleted pod leaves the API only once its phase there is terminal. */
  readonly terminatedPodsReachTerminalPhase: boolean;
}

export interface StatusManagerOptions {
  readonly clock: ProcessClock;
  readonly api: ApiClient;
  readonly gates: StatusManagerGates;
  /** Of the pass over all statuses. */
  readonly syncPeriod: Micros;
  readonly firstSyncAt: Micros;
  /** The pod as the API's watch last showed it. */
  podOf(uid: string): Pod | undefined;
  /** What the API shows of the pod: of a static one its mirror, or nothing. */
  shownOf(uid: string): Pod | undefined;
  couldHaveRunningContainers(uid: string): boolean;
  /** Called around every change of a status. */
  beforeChange(uid: string): void;
  afterChange(uid: string): void;
}

/** No version has this number. */
const UNTRIED = 0;

interface Entry {
  readonly key: string;
  readonly status: PodStatus;
  readonly version: number;
  /** Its place among the pods, in the order of their first statuses. */
  readonly ordinal: number;
  /** SyncTerminatedPod is through. */
  readonly isFinished: boolean;
}

/**
 * The kubelet's own statuses of its pods, and the one thread that writes them to the API: at once when one changed, one pod
 * after the other, and every 10 s whatever differs. As status manager (k8s 1.37 pkg/kubelet/status/status_manager.go).
 */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #entries = new Map<string, Entry>();
  /** Pods whose status the API is not known to have, and the version last tried: what failed waits for the next pass. */
  readonly #unwritten = new Map<string, number>();
  /** Pods of which the API's copy or ours changed since a pass found them equal: the others need no look. */
  readonly #suspects = new Set<string>();
  readonly #passes: Ticker;
  #batch: [uid: string, entry: Entry][] = [];
  #isWriting = false;
  #made = 0;

  constructor(options: StatusManagerOptions) {
    this.#options = options;
    this.#passes = options.clock.ticker(options.syncPeriod, options.firstSyncAt, () => this.#pass());
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status;
  }

  set(pod: Pod, status: PodStatus): void {
    const { PodObservedGenerationTracking: isTracked } = this.#options.gates;
    const observedGeneration = isTracked ? pod.metadata.generation : undefined;
    this.#update(pod, status, observedGeneration, false);
  }

  setContainerReadiness(uid: string, containerId: string, ready: boolean): void {
    const pod = this.#options.podOf(uid);
    const before = this.get(uid);
    const status = pod && before && withContainerReadiness(pod, before, containerId, ready);
    if (status !== undefined) {
      this.#update(pod as Pod, status, status.observedGeneration, false);
    }
  }

  setContainerStartup(uid: string, containerId: string, started: boolean): void {
    const pod = this.#options.podOf(uid);
    const before = this.get(uid);
    const status = pod && before && withContainerStartup(before, containerId, started);
    if (status !== undefined) {
      this.#update(pod as Pod, status, status.observedGeneration, false);
    }
  }

  /** [37] The condition is pushed while SyncPod goes on (OnPodSandboxReady, k8s 1.37 pkg/kubelet/kubelet.go). */
  setSandboxReady(pod: Pod): void {
    const status = this.get(pod.metadata.uid as string) ?? pod.status ?? {};
    const condition = {
      type: 'PodReadyToStartContainers',
      status: 'True',
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    };
    this.set(pod, { ...status, conditions: withCondition(status.conditions, condition) });
  }

  /** The worker is done with the pod: this is its last status. */
  terminatePod(pod: Pod): void {
    const status = this.get(pod.metadata.uid as string) ?? pod.status ?? {};
    const last = terminatedStatus(pod, status, this.#options.gates.terminatedPodsReachTerminalPhase);
    this.#update(pod, last, last.observedGeneration, true);
  }

  /** Housekeeping: the pod is gone from the API. */
  forget(uid: string): void {
    this.#entries.delete(uid);
    this.#unwritten.delete(uid);
    this.#suspects.delete(uid);
  }

  uids(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The watch showed the pod: if it shows another status than ours, the next pass mends it. */
  podSeen(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry !== undefined && this.#differs(uid, entry)) {
      this.#suspects.add(uid);
      this.#passes.wakeAfter(this.#options.clock.now);
    }
  }

  /** As updateStatusInternal; `isLast` forces it through and lets the pod be deleted. */
  #update(pod: Pod, status: PodStatus, observedGeneration: number | undefined, isLast: boolean): void {
    const { clock, gates } = this.#options;
    const uid = pod.metadata.uid as string;
    const cached = this.#entries.get(uid);
    const old = cached?.status ?? pod.status ?? {};
    if (resurrects(pod, old, status, gates)) {
      return;
    }
    const conditions = withTransitionTimes(status.conditions ?? [], old.conditions, clock.now);
    const startTime = old.startTime ?? status.startTime ?? wholeSecond(clock.now);
    const next = fullStatus(status, { conditions, observedGeneration, startTime });
    if (cached !== undefined && !isLast && isSameKubeletStatus(cached.status, next)) {
      return;
    }
    this.#options.beforeChange(uid);
    this.#entries.set(uid, {
      key: keyOf(pod),
      status: next,
      version: (cached?.version ?? 0) + 1,
      ordinal: cached?.ordinal ?? this.#made++,
      isFinished: isLast || (cached?.isFinished ?? false),
    });
    this.#suspects.add(uid);
    this.#options.afterChange(uid);
    this.#passes.wakeAfter(clock.now);
    if (!this.#unwritten.has(uid)) {
      this.#unwritten.set(uid, UNTRIED);
    }
    this.#write();
  }

  #pass(): void {
    const ordinalOf = (uid: string): number => this.#entries.get(uid)?.ordinal ?? 0;
    for (const uid of [...this.#suspects].sort((a, b) => ordinalOf(a) - ordinalOf(b))) {
      if (this.#differs(uid, this.#entries.get(uid) as Entry)) {
        this.#unwritten.set(uid, UNTRIED);
      } else {
        this.#suspects.delete(uid);
      }
    }
    if (this.#write()) {
      this.#passes.wakeAfter(this.#options.clock.now);
    }
  }

  /** Not written yet, ready to be deleted, or the API shows something else. */
  #differs(uid: string, entry: Entry): boolean {
    const pod = this.#options.shownOf(uid);
    return (
      this.#unwritten.has(uid) ||
      (pod !== undefined && (this.#canBeDeleted(pod, entry) || !isSameKubeletStatus(pod.status ?? {}, entry.status)))
    );
  }

  /** Begins a batch of whatever is not written, unless one is under way. Answers whether there is anything to write. */
  #write(): boolean {
    if (!this.#isWriting) {
      this.#batch = this.#takeUnwritten(() => true);
      this.#writeNext();
    }
    return this.#isWriting;
  }

  #takeUnwritten(isWanted: (uid: string, entry: Entry) => boolean): [uid: string, entry: Entry][] {
    const batch: [string, Entry][] = [];
    for (const uid of this.#unwritten.keys()) {
      const entry = this.#entries.get(uid);
      if (entry !== undefined && isWanted(uid, entry) && !this.#isUnshown(uid)) {
        batch.push([uid, entry]);
      }
    }
    return batch;
  }

  /** A static pod without a mirror: its status has to wait. */
  #isUnshown(uid: string): boolean {
    const { podOf, shownOf } = this.#options;
    const pod = podOf(uid);
    return pod !== undefined && isStaticPod(pod) && shownOf(uid) === undefined;
  }

  #writeNext(): void {
    const next = this.#batch.shift();
    this.#isWriting = next !== undefined;
    if (next !== undefined) {
      this.#syncPod(...next, () => {
        if (this.#batch.length === 0) {
          // What changed while this batch was written makes the next one.
          this.#batch = this.#takeUnwritten((uid, { version }) => this.#unwritten.get(uid) !== version);
        }
        this.#writeNext();
      });
    }
  }

  /** GET, PATCH of what differs, and DELETE of a pod that is through with everything. */
  #syncPod(uid: string, entry: Entry, done: () => void): void {
    const { api, clock } = this.#options;
    this.#unwritten.set(uid, entry.version);
    api.get('Pod', entry.key, (reply) => {
      if (!reply.ok) {
        done();
        return;
      }
      const pod = reply.object;
      const shownUid = this.#options.shownOf(uid)?.metadata.uid ?? uid;
      if (pod.metadata.uid !== shownUid) {
        this.forget(uid);
        done();
        return;
      }
      const couldRun = this.#options.couldHaveRunningContainers(uid);
      const merge = (current: Pod): Pod => {
        const status = mergedStatus(current, entry.status, couldRun, clock.now);
        return current.metadata.uid !== shownUid || isSameValue(current.status, status)
          ? current
          : { ...current, status };
      };
      const merged = merge(pod);
      if (merged === pod) {
        this.#finish(uid, entry, pod, done);
        return;
      }
      const change = (current: Pod): Pod => (current === pod ? merged : merge(current));
      api.patchStatus('Pod', entry.key, change, (patched) => {
        if (patched.ok) {
          this.#finish(uid, entry, patched.object, done);
        } else {
          done();
        }
      });
    });
  }

  #finish(uid: string, entry: Entry, pod: Pod, done: () => void): void {
    if (this.#entries.get(uid)?.version === entry.version) {
      this.#unwritten.delete(uid);
    }
    if (!this.#canBeDeleted(pod, entry)) {
      done();
      return;
    }
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    this.#options.api.delete('Pod', entry.key, options, (reply) => {
      if (reply.ok) {
        this.forget(uid);
      }
      done();
    });
  }

  #canBeDeleted(pod: Pod, { isFinished, status }: Entry): boolean {
    if (pod.metadata.deletionTimestamp === undefined || isMirrorPod(pod) || !isFinished) {
      return false;
    }
    return this.#options.gates.terminatedPodsReachTerminalPhase
      ? isTerminalPhase(pod.status?.phase)
      : !status.containerStatuses?.some(({ state }) => state?.running !== undefined);
  }
}
