import { type Micros, seconds } from '../../../engine/time/micros.js';
import type { ContainerStatus, Probe } from '../../api/index.js';

export type ProbeKind = 'liveness' | 'readiness' | 'startup';

/** What a worker has published for a container; 'Unknown' is where a startup probe begins. */
export type ProbeResult = 'Success' | 'Failure' | 'Unknown';

/**
 * One attempt. 'Error': it could not be made (no transport, no such port); the kubelet tries again at once, then
 * forgets it.
 */
export interface ProbeAttempt {
  readonly outcome: 'Success' | 'Failure' | 'Error';
  /** How long one try takes. */
  readonly takes: Micros;
}

export interface ProbeSettings {
  /** [37] The text of an exec that timed out tells after how long. */
  readonly tellsExecTimeout: boolean;
  /** Tries of an attempt that errors. */
  readonly maxProbeRetries: number;
  /** [37] A readiness trigger restarts the ticker; [23] it keeps its phase. */
  readonly triggerRestartsTicker: boolean;
  /** [37] A startup probe that succeeded is on hold; [23] only one that failed is. */
  readonly startupHoldsAfterSuccess: boolean;
  /** Gate: false [37] keeps the state of containers that ran before the kubelet did; true [23] begins anew. */
  readonly ChangeContainerStatusOnKubeletRestart: boolean;
  /** A container started this long before the kubelet ran before it. */
  readonly kubeletRestartGrace: Micros;
}

/** What the status manager shows a worker, and what it must know of its pod. */
export interface ProbeView {
  /** The worker's container in the stored pod status; undefined while there is none. */
  readonly container: ContainerStatus | undefined;
  /** Phase Failed or Succeeded. */
  readonly podIsTerminal: boolean;
  /** deletionTimestamp is set. */
  readonly podIsBeingDeleted: boolean;
  /** Asked only of a terminated container: by its restart policy, or because all containers of the pod restart. */
  willRestart(exitCode: number): boolean;
}

/** Who runs the attempts and hears of results. */
export interface ProbeHost {
  attempt(kind: ProbeKind): ProbeAttempt;
  /** An attempt ended. */
  onAttempt(kind: ProbeKind, outcome: ProbeAttempt['outcome']): void;
  /** The published result changed: time to sync the pod. */
  onResult(kind: ProbeKind, containerId: string, result: ProbeResult): void;
}

export interface ProbeWorkerCreation {
  /** Now; later by U(0, period) if the kubelet itself is younger than one period. */
  readonly startsAt: Micros;
  readonly kubeletStartedAt: Micros;
  /** It probes a restartable init container. */
  readonly isSidecar: boolean;
}

const INITIAL_RESULT: Readonly<Record<ProbeKind, ProbeResult>> = {
  readiness: 'Failure',
  liveness: 'Success',
  startup: 'Unknown',
};

const NEVER: Micros = Number.POSITIVE_INFINITY;

/**
 * Probes one container of one pod, over all its restarts, on a ticker whose phase is the worker's creation. Driven by
 * whoever owns a timer: wake it at `wakesAt`, or, to leave out wakes that nobody would notice, at `mattersAt` after
 * `skipTo`. As worker.run and worker.doProbe (k8s 1.37 and 1.23 pkg/kubelet/prober/worker.go).
 */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly #settings: ProbeSettings;
  readonly #isSidecar: boolean;
  readonly #kubeletStartedAt: Micros;
  readonly #period: Micros;
  readonly #initialDelay: Micros;
  readonly #successThreshold: number;
  readonly #failureThreshold: number;

  /** Next tick; before the first wake, that wake. */
  #tickAt: Micros;
  #hasBegun = false;
  #triggeredAt = NEVER;
  /** End of the attempt under way, and of the last one that took time. */
  #endsAt = NEVER;
  #endedAt: Micros = Number.NEGATIVE_INFINITY;
  #outcome: ProbeAttempt['outcome'] = 'Success';
  #isStopping = false;
  #isDone = false;

  #containerId = '';
  #published: ProbeResult | undefined;
  #lastResult: ProbeResult = 'Unknown';
  #resultRun = 0;
  #isOnHold = false;

  constructor(kind: ProbeKind, probe: Probe, creation: ProbeWorkerCreation, settings: ProbeSettings) {
    this.kind = kind;
    this.#settings = settings;
    this.#isSidecar = creation.isSidecar;
    this.#kubeletStartedAt = creation.kubeletStartedAt;
    this.#period = periodOf(probe);
    this.#initialDelay = seconds(probe.initialDelaySeconds ?? 0);
    this.#successThreshold = probe.successThreshold ?? 1;
    this.#failureThreshold = probe.failureThreshold ?? 3;
    this.#tickAt = creation.startsAt;
  }

  /** It exited or was stopped; its result is gone. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The published result for this container; undefined for another one or before the worker has seen it. */
  resultFor(containerId: string | undefined): ProbeResult | undefined {
    return containerId === this.#containerId ? this.#published : undefined;
  }

  /** It has published that the probe passes. */
  get isPassing(): boolean {
    return this.#published === 'Success';
  }

  /** Its last attempt failed. */
  get hasJustFailed(): boolean {
    return this.#lastResult === 'Failure';
  }

  /** When the worker acts next. */
  get wakesAt(): Micros {
    if (this.#isDone) {
      return NEVER;
    }
    if (this.#endsAt !== NEVER) {
      return this.#endsAt;
    }
    return this.#hasBegun ? Math.min(this.#triggeredAt, Math.max(this.#tickAt, this.#endedAt)) : this.#tickAt;
  }

  /** It is about to do something that no tick to come foretells: begin, end an attempt, or make the one that waited for that end. */
  get #isBusy(): boolean {
    return this.#endsAt !== NEVER || this.#triggeredAt !== NEVER || !this.#hasBegun || this.#tickAt < this.#endedAt;
  }

  /** Asks for an attempt at once, or after the one under way; asking twice is asking once. */
  trigger(now: Micros): void {
    if (this.#triggeredAt === NEVER) {
      this.#triggeredAt = now;
    }
  }

  /** An attempt under way still ends, and counts. */
  stop(): void {
    this.#isStopping = true;
    if (this.#endsAt === NEVER) {
      this.#end();
    }
  }

  /** Does what is due at `wakesAt`; earlier it does nothing. */
  wake(now: Micros, view: ProbeView, host: ProbeHost): void {
    if (now < this.wakesAt) {
      return;
    }
    if (this.#endsAt !== NEVER) {
      this.#endsAt = NEVER;
      this.#endedAt = now;
      this.#finish(this.#outcome, host);
      if (this.#isStopping) {
        this.#end();
      }
    } else {
      this.#begin(now, view, host);
    }
    // Asked for while it was busy or not yet there: due now.
    this.#triggeredAt = Math.max(this.#triggeredAt, now);
  }

  /**
   * The next wake that could change anything outside, given that view and answer stay as they are. A probe that passes
   * as published never matters; one that fails always does, for its event.
   */
  mattersAt(view: ProbeView, answer: ProbeAttempt): Micros {
    if (this.#isBusy || this.#isDone) {
      return this.wakesAt;
    }
    switch (this.#outlook(view)) {
      case 'waits':
        return NEVER;
      case 'acts':
        return this.#tickAt;
      case 'probes': {
        const next = this.#firstTickFrom(this.#probesFrom(view));
        if (answer.outcome !== 'Success' || answer.takes >= this.#period) {
          return next;
        }
        if (this.#published === 'Success') {
          return NEVER;
        }
        const missing = this.#successThreshold - (this.#lastResult === 'Success' ? this.#resultRun : 0);
        return next + Math.max(0, missing - 1) * this.#period;
      }
    }
  }

  /** The tick that makes the n-th attempt from now on, n = 0 the next one, given that the view stays as it is. */
  attemptsAt(view: ProbeView, n: number): Micros {
    if (this.#isBusy || this.#isDone) {
      return this.wakesAt;
    }
    return this.#outlook(view) === 'probes' ? this.#firstTickFrom(this.#probesFrom(view)) + n * this.#period : NEVER;
  }

  /**
   * Catches up with the wakes before `now` that were left out; view and answer are those that held until now. The n-th attempt
   * among them may have failed by chance, as long as that changed nothing. Answers how many there were.
   */
  skipTo(now: Micros, view: ProbeView, answer: ProbeAttempt, failsByChance?: (n: number) => boolean): number {
    if (this.#isBusy || this.#isDone || now <= this.#tickAt) {
      return 0;
    }
    let attempts = 0;
    const skipped = Math.ceil((now - this.#tickAt) / this.#period);
    const last = this.#tickAt + (skipped - 1) * this.#period;
    if (this.#outlook(view) === 'probes') {
      const first = this.#firstTickFrom(this.#probesFrom(view));
      attempts = last < first ? 0 : 1 + Math.round((last - first) / this.#period);
      const isUnderWay = attempts > 0 && last + answer.takes > now;
      this.#count(isUnderWay ? attempts - 1 : attempts, failsByChance);
      if (isUnderWay) {
        this.#outcome = answer.outcome;
        this.#endsAt = last + answer.takes;
      }
    }
    this.#tickAt += skipped * this.#period;
    return attempts;
  }

  /** Whether an ordinary tick, one that nobody asked for, falls on this instant. */
  ticksAt(now: Micros): boolean {
    return !this.#isBusy && !this.#isDone && this.#tickAt === now;
  }

  /** The process stood still until `now`: ticks that it missed are lost (Go time.Ticker). */
  passOver(now: Micros): void {
    if (!this.#isDone && now > this.#tickAt) {
      this.#tickAt += this.#period * Math.ceil((now - this.#tickAt) / this.#period);
    }
  }

  #begin(now: Micros, view: ProbeView, host: ProbeHost): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#tickAt = now + this.#period;
    } else if (this.#triggeredAt <= now) {
      this.#triggeredAt = NEVER;
      if (this.#settings.triggerRestartsTicker) {
        this.#tickAt = now + this.#period;
      }
    } else {
      // Ticks that passed during a slow attempt are one tick, and the phase stays (Go time.Ticker).
      this.#tickAt += this.#period * (1 + Math.floor((now - this.#tickAt) / this.#period));
    }
    this.#act(now, view, host);
  }

  /** Thresholds are all that a run of equal outcomes is compared with: it is counted that far. */
  #count(attempts: number, failsByChance: (n: number) => boolean = () => false): void {
    if (attempts === 0) {
      return;
    }
    const hasFailed = failsByChance(attempts - 1);
    const enough = Math.min(attempts, Math.max(this.#successThreshold, this.#failureThreshold));
    let run = 1;
    while (run < enough && failsByChance(attempts - 1 - run) === hasFailed) {
      run++;
    }
    const goesOn = run === attempts && this.hasJustFailed === hasFailed && this.#lastResult !== 'Unknown';
    this.#resultRun = run + (goesOn ? this.#resultRun : 0);
    this.#lastResult = hasFailed ? 'Failure' : 'Success';
  }

  #firstTickFrom(at: Micros): Micros {
    return this.#tickAt + this.#period * Math.max(0, Math.ceil((at - this.#tickAt) / this.#period));
  }

  /** initialDelaySeconds is compared with whole seconds since the start: the floor of them reaches it exactly here. */
  #probesFrom(view: ProbeView): Micros {
    return (view.container?.state?.running?.startedAt ?? 0) + this.#initialDelay;
  }

  /**
   * What ticks do while the view stays: nothing, something beside probing, or attempts once the initial delay is over.
   */
  #outlook(view: ProbeView): 'waits' | 'acts' | 'probes' {
    const { container } = view;
    if (view.podIsTerminal) {
      return 'acts';
    }
    if (!container?.containerID) {
      return 'waits';
    }
    if (container.containerID !== this.#containerId) {
      return 'acts';
    }
    if (this.#isOnHold) {
      return 'waits';
    }
    if (container.state?.running === undefined) {
      const ended = container.state?.terminated;
      const isLeaving = ended !== undefined && !view.willRestart(ended.exitCode);
      return isLeaving || this.#published !== 'Failure' ? 'acts' : 'waits';
    }
    if (view.podIsBeingDeleted && this.kind !== 'readiness') {
      return 'acts';
    }
    return (container.started ?? false) === (this.kind === 'startup') ? 'waits' : 'probes';
  }

  #act(now: Micros, view: ProbeView, host: ProbeHost): void {
    const { container } = view;
    if (view.podIsTerminal) {
      this.#end();
      return;
    }
    if (!container?.containerID) {
      return;
    }
    if (container.containerID !== this.#containerId) {
      this.#meet(container, host);
    }
    switch (this.#outlook(view)) {
      case 'waits':
        return;
      case 'acts':
        this.#leaveAlone(view, container, host);
        return;
      case 'probes':
        if (now >= this.#probesFrom(view)) {
          this.#attempt(now, host);
        }
    }
  }

  #meet(container: ContainerStatus, host: ProbeHost): void {
    this.#containerId = container.containerID!;
    this.#published = undefined;
    this.#isOnHold = false;
    const startedAt = container.state?.running?.startedAt;
    const keepsState =
      !this.#settings.ChangeContainerStatusOnKubeletRestart &&
      startedAt !== undefined &&
      startedAt < this.#kubeletStartedAt - this.#settings.kubeletRestartGrace;
    if (!keepsState) {
      this.#publish(INITIAL_RESULT[this.kind], host);
    } else if (this.#isSidecar && this.kind === 'startup' && container.started) {
      // Else the sidecar would hold up the containers after it until its first probe (kubernetes#136910).
      this.#publish('Success', host);
    }
  }

  /** The container does not run, or its pod goes: no attempt. */
  #leaveAlone(view: ProbeView, container: ContainerStatus, host: ProbeHost): void {
    if (container.state?.running !== undefined) {
      // Deletion: leave a result that kills nothing.
      this.#publish('Success', host);
      this.#end();
      return;
    }
    this.#publish('Failure', host);
    const ended = container.state?.terminated;
    if (ended !== undefined && !view.willRestart(ended.exitCode)) {
      this.#end();
    }
  }

  #attempt(now: Micros, host: ProbeHost): void {
    const { outcome, takes } = host.attempt(this.kind);
    const takesInAll = outcome === 'Error' ? takes * this.#settings.maxProbeRetries : takes;
    if (takesInAll === 0) {
      this.#finish(outcome, host);
    } else {
      this.#outcome = outcome;
      this.#endsAt = now + takesInAll;
    }
  }

  #finish(outcome: ProbeAttempt['outcome'], host: ProbeHost): void {
    host.onAttempt(this.kind, outcome);
    if (outcome === 'Error') {
      return;
    }
    this.#resultRun = outcome === this.#lastResult ? this.#resultRun + 1 : 1;
    this.#lastResult = outcome;
    if (this.#resultRun < (outcome === 'Failure' ? this.#failureThreshold : this.#successThreshold)) {
      return;
    }
    // The next container begins with a run of none; until it comes there is nothing to probe.
    if (outcome === 'Failure' ? this.kind !== 'readiness' : this.#holdsAfterSuccess) {
      this.#isOnHold = true;
      this.#resultRun = 0;
    }
    this.#publish(outcome, host);
  }

  get #holdsAfterSuccess(): boolean {
    return this.kind === 'startup' && this.#settings.startupHoldsAfterSuccess;
  }

  #publish(result: ProbeResult, host: ProbeHost): void {
    if (result !== this.#published) {
      this.#published = result;
      host.onResult(this.kind, this.#containerId, result);
    }
  }

  #end(): void {
    this.#isDone = true;
    this.#published = undefined;
  }
}

/** Time between ticks; default as SetDefaults_Probe (k8s 1.37 pkg/apis/core/v1/defaults.go). */
export const periodOf = (probe: Probe): Micros => seconds(probe.periodSeconds ?? 10);

/** An attempt that would take longer than timeoutSeconds fails when they are over. */
export function limitedByTimeout(attempt: ProbeAttempt, probe: Probe): ProbeAttempt {
  const timeout = seconds(probe.timeoutSeconds ?? 1);
  return attempt.takes > timeout ? { outcome: 'Failure', takes: timeout } : attempt;
}
