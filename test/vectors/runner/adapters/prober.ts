import { type Micros, milliseconds, seconds, toSeconds } from '../../../../engine/time/micros.js';
import type { ContainerStatus, Probe } from '../../../../models/api/index.js';
import {
  containerProbeStatus,
  type ProbeAttempt,
  type ProbeHost,
  type ProbeKind,
  type ProbeResult,
  type ProbeSettings,
  type ProbeView,
  ProbeWorker,
  probeSettings,
} from '../../../../models/kubelet/probes/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface ProberCase extends VectorCase {
  readonly duration: number;
  readonly containerStartDelay: number;
  readonly terminationSeconds: number;
  readonly restartDelay: number;
  readonly probeLatency: number;
  readonly probes: { readonly [kind in ProbeKind]?: Probe };
  readonly script: { readonly [letter: string]: string };
  readonly events: readonly RecordedEvent[];
}

interface RecordedEvent {
  readonly t: number;
  readonly [field: string]: unknown;
}

interface Update {
  readonly kind: ProbeKind;
  readonly result: ProbeResult;
}

const LETTERS: Readonly<Record<ProbeKind, string>> = { liveness: 'L', readiness: 'R', startup: 'S' };
const OUTCOMES: Readonly<Record<string, ProbeAttempt['outcome']>> = { S: 'Success', F: 'Failure', E: 'Error' };

/** The recording goes on for a moment after the duration it names; the kubelet had been up for long. */
const AFTERTIME = milliseconds(500);
const KUBELET_STARTED_AT = seconds(-3600);

export function* adapter(file: VectorFile): Iterable<Outcome> {
  const settings = probeSettings(defaultsFor('1.37')!);
  for (const one of file.cases as readonly ProberCase[]) {
    yield compare(one.id, sorted(one.events), sorted(new Harness(one, settings).run()));
  }
}

/** The order of events at the same instant is not significant. */
const sorted = (events: readonly RecordedEvent[]): readonly unknown[] =>
  events
    .map((event) => ({ t: event.t, text: JSON.stringify(Object.entries(event).sort()) }))
    .sort((a, b) => a.t - b.t || (a.text < b.text ? -1 : 1));

/**
 * Stands in for the kubelet as the recorder's did: updates the pod status at once on every result and container change.
 */
class Harness implements ProbeHost {
  readonly #case: ProberCase;
  readonly #settings: ProbeSettings;
  readonly #workers: readonly ProbeWorker[];
  readonly #events: RecordedEvent[] = [];
  readonly #attempts = new Map<ProbeKind, number>();
  readonly #updates: Update[] = [];
  #status: ContainerStatus = { name: 'c', image: 'x', imageID: '', ready: false, restartCount: 0, started: false };
  #incarnation = 0;
  #isKilled = false;
  #startsAt: Micros;
  #exitsAt = Number.POSITIVE_INFINITY;
  #now: Micros = 0;

  constructor(one: ProberCase, settings: ProbeSettings) {
    this.#case = one;
    this.#settings = settings;
    this.#startsAt = seconds(one.containerStartDelay);
    const creation = { startsAt: 0, kubeletStartedAt: KUBELET_STARTED_AT, isSidecar: false };
    this.#workers = (['startup', 'readiness', 'liveness'] as const).flatMap((kind) => {
      const probe = one.probes[kind];
      return probe === undefined ? [] : new ProbeWorker(kind, probe, creation, settings);
    });
  }

  run(): readonly RecordedEvent[] {
    const end = seconds(this.#case.duration) + AFTERTIME;
    for (;;) {
      const worker = this.#nextWorker();
      const wakesAt = worker?.wakesAt ?? Number.POSITIVE_INFINITY;
      // Workers go on while their results wait in a channel.
      if (this.#updates.length > 0 && wakesAt > this.#now) {
        this.#handle(this.#updates.shift()!);
        continue;
      }
      this.#now = Math.min(this.#startsAt, this.#exitsAt, wakesAt);
      if (this.#now > end) {
        return this.#events;
      }
      if (this.#now === this.#startsAt) {
        this.#start();
      } else if (this.#now === this.#exitsAt) {
        this.#exit();
      } else {
        worker!.wake(this.#now, this.#view(), this);
      }
    }
  }

  attempt(kind: ProbeKind): ProbeAttempt {
    const script = this.#case.script[LETTERS[kind]]!;
    const n = this.#attempts.get(kind) ?? 0;
    this.#attempts.set(kind, n + 1);
    const letter = script[Math.min(n, script.length - 1)]!;
    return { outcome: OUTCOMES[letter]!, takes: seconds(this.#case.probeLatency) };
  }

  onAttempt(kind: ProbeKind, outcome: ProbeAttempt['outcome']): void {
    this.#record({ event: 'probe', kind: LETTERS[kind], outcome: outcome[0] });
  }

  onResult(kind: ProbeKind, container: string, result: ProbeResult): void {
    const value = result === 'Unknown' ? 'UNKNOWN' : result;
    this.#record({ event: 'result', kind: LETTERS[kind], container, value });
    this.#updates.push({ kind, result });
  }

  /** As syncLoopIteration: a liveness result is of interest only when it is a failure. */
  #handle({ kind, result }: Update): void {
    const isRunning = this.#status.state?.running !== undefined;
    if (kind !== 'readiness' && result === 'Failure' && isRunning && !this.#isKilled) {
      this.#isKilled = true;
      this.#record({ event: 'kill', n: this.#incarnation });
      this.#exitsAt = this.#now + seconds(this.#case.terminationSeconds);
    }
    if (kind !== 'liveness' || result === 'Failure') {
      this.#updatePodStatus();
    }
  }

  #nextWorker(): ProbeWorker | undefined {
    return this.#workers.reduce<ProbeWorker | undefined>(
      (first, worker) => (first === undefined || worker.wakesAt < first.wakesAt ? worker : first),
      undefined,
    );
  }

  #view(): ProbeView {
    const container = this.#incarnation === 0 ? undefined : this.#status;
    return { container, podIsTerminal: false, podIsBeingDeleted: false, willRestart: () => true };
  }

  #start(): void {
    this.#startsAt = Number.POSITIVE_INFINITY;
    this.#incarnation++;
    this.#isKilled = false;
    this.#record({ event: 'containerStarted', n: this.#incarnation });
    const containerID = `c${this.#incarnation}`;
    this.#status = { ...this.#status, containerID, state: { running: { startedAt: this.#now } } };
    this.#updatePodStatus();
  }

  #exit(): void {
    this.#exitsAt = Number.POSITIVE_INFINITY;
    this.#startsAt = this.#now + seconds(this.#case.restartDelay);
    this.#record({ event: 'containerExited', n: this.#incarnation });
    this.#status = { ...this.#status, state: { terminated: { exitCode: 137 } } };
    this.#updatePodStatus();
  }

  #updatePodStatus(): void {
    const knowledge = (kind: ProbeKind) => {
      const worker = this.#workers.find((candidate) => candidate.kind === kind);
      const hasWorker = worker !== undefined;
      return { hasProbe: hasWorker, hasWorker, result: worker?.resultFor(this.#status.containerID) };
    };
    const seen = {
      status: this.#status,
      startup: knowledge('startup'),
      readiness: knowledge('readiness'),
      kubeletStartedAt: KUBELET_STARTED_AT,
      podIsReady: false,
    };
    const { started, ready, triggersReadiness } = containerProbeStatus(seen, this.#settings);
    if (triggersReadiness) {
      this.#workers.find(({ kind }) => kind === 'readiness')?.trigger(this.#now);
    }
    if (started !== this.#status.started) {
      this.#record({ event: 'started', value: started });
    }
    if (ready !== this.#status.ready) {
      this.#record({ event: 'ready', value: ready });
    }
    this.#status = { ...this.#status, started, ready };
  }

  #record(event: Omit<RecordedEvent, 't'>): void {
    this.#events.push({ ...event, t: toSeconds(this.#now) });
  }
}
