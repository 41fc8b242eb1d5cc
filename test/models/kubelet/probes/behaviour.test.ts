import { type Micros, seconds, toSeconds } from '../../../../engine/time/micros.js';
import type { Probe } from '../../../../models/api/index.js';
import {
  containerProbeStatus,
  type ProbeAttempt,
  type ProbeKind,
  type ProbeView,
  ProbeWorker,
  probeSettings,
} from '../../../../models/kubelet/probes/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

/** A worker with a container that answers by a script of S, F and E; the last letter repeats. */
class Bench {
  readonly log: string[] = [];
  readonly worker: ProbeWorker;
  readonly #kind: ProbeKind;
  #script = 'S';
  #view: ProbeView = view(undefined);
  #now: Micros = 0;
  #takes: Micros = 0;

  constructor(kind: ProbeKind, probe: Probe, version = '1.37') {
    const creation = { startsAt: 0, kubeletStartedAt: seconds(-3600), isSidecar: false };
    this.#kind = kind;
    this.worker = new ProbeWorker(kind, probe, creation, probeSettings(defaultsFor(version)!));
  }

  /** The container runs under this id; a startup probe sees it as not yet started. */
  runs(id: string, script: string, takes: Micros = 0): this {
    this.#script = script;
    this.#takes = takes;
    const running = { running: { startedAt: this.#now } };
    this.#view = view({ containerID: id, state: running, started: this.#kind !== 'startup' });
    return this;
  }

  exits(willRestart = true): this {
    const { container } = this.#view;
    this.#view = view({ containerID: container!.containerID!, state: { terminated: { exitCode: 1 } } }, willRestart);
    return this;
  }

  triggers(): this {
    this.worker.trigger(this.#now);
    return this;
  }

  until(at: number): this {
    while (this.worker.wakesAt <= seconds(at)) {
      this.#now = this.worker.wakesAt;
      this.worker.wake(this.#now, this.#view, {
        attempt: () => this.#attempt(),
        onAttempt: (_, outcome) => this.log.push(`${toSeconds(this.#now)} ${outcome[0]}`),
        onResult: (_, __, result) => this.log.push(`${toSeconds(this.#now)} ${result}`),
      });
    }
    this.#now = seconds(at);
    return this;
  }

  #attempt(): ProbeAttempt {
    const letter = this.#script[0];
    this.#script = this.#script.length > 1 ? this.#script.slice(1) : this.#script;
    return { outcome: letter === 'S' ? 'Success' : letter === 'F' ? 'Failure' : 'Error', takes: this.#takes };
  }
}

const view = (container: object | undefined, willRestart = true): ProbeView => ({
  container: container && { name: 'c', image: 'x', imageID: '', ready: false, restartCount: 0, ...container },
  podIsTerminal: false,
  podIsBeingDeleted: false,
  willRestart: () => willRestart,
});

const LIVENESS: Probe = { periodSeconds: 10, failureThreshold: 3 };

describe('a probe worker', () => {
  it('ticks from its own creation, not from the start of the container', () => {
    const bench = new Bench('liveness', LIVENESS).until(4).runs('c1', 'S').until(25);
    expect(bench.log).toEqual(['10 Success', '10 S', '20 S']);
  });

  it('waits for initialDelaySeconds and then for the next tick', () => {
    const bench = new Bench('liveness', { ...LIVENESS, initialDelaySeconds: 15 }).until(4).runs('c1', 'S').until(35);
    // Started at 4 s, so from 19 s on: the tick at 20 s.
    expect(bench.log).toEqual(['10 Success', '20 S', '30 S']);
  });

  it('publishes a liveness failure at the third failing attempt and holds until the next container', () => {
    const bench = new Bench('liveness', LIVENESS).until(4).runs('c1', 'F').until(55);
    expect(bench.log).toEqual(['10 Success', '10 F', '20 F', '30 F', '30 Failure']);
    bench.runs('c2', 'S').until(65);
    expect(bench.log.slice(5)).toEqual(['60 Success', '60 S']);
  });

  it('carries a run of failures over a restart: two before and one after make three', () => {
    const bench = new Bench('liveness', LIVENESS).until(4).runs('c1', 'F').until(25).runs('c2', 'F').until(35);
    expect(bench.log).toEqual(['10 Success', '10 F', '20 F', '30 Success', '30 F', '30 Failure']);
  });

  it('forgets attempts that error', () => {
    const bench = new Bench('liveness', LIVENESS).until(4).runs('c1', 'FFEF').until(45);
    expect(bench.log).toEqual(['10 Success', '10 F', '20 F', '30 E', '40 F', '40 Failure']);
  });

  it('calls a container that ended a failure, and leaves when it will not restart', () => {
    const stays = new Bench('liveness', LIVENESS).until(4).runs('c1', 'S').until(12).exits().until(35);
    expect(stays.log).toEqual(['10 Success', '10 S', '20 Failure']);
    expect(stays.worker.isDone).toBe(false);
    expect(
      new Bench('liveness', LIVENESS).until(4).runs('c1', 'S').until(12).exits(false).until(35).worker.isDone,
    ).toBe(true);
  });

  it('tries readiness at once when triggered; from then on its period counts in 1.37, its old phase in 1.23', () => {
    const probe = { periodSeconds: 10 };
    const of = (version: string): string[] =>
      new Bench('readiness', probe, version).until(4).runs('c1', 'S').triggers().until(25).log;
    expect(of('1.37')).toEqual(['4 Failure', '4 S', '4 Success', '14 S', '24 S']);
    expect(of('1.23')).toEqual(['4 Failure', '4 S', '4 Success', '10 S', '20 S']);
  });

  it('makes the attempt of a tick that passed during a slow one when that ends', () => {
    const bench = new Bench('readiness', { periodSeconds: 10 }, '1.23')
      .until(9)
      .runs('c1', 'SF', seconds(3))
      .triggers();
    // Triggered at 9 s: until 12 s. The tick of 10 s waits for that, and fails at 15 s; the next is that of 20 s.
    expect(bench.until(24).log).toEqual(['9 Failure', '12 S', '12 Success', '15 F', '23 F']);
  });

  it('stops a startup probe after its success in 1.37; in 1.23 it ticks on while the status says not started', () => {
    const of = (version: string): string[] =>
      new Bench('startup', { periodSeconds: 10 }, version).until(4).runs('c1', 'S').until(25).log;
    expect(of('1.37')).toEqual(['10 Unknown', '10 S', '10 Success']);
    expect(of('1.23')).toEqual(['10 Unknown', '10 S', '10 Success', '20 S']);
  });
});

describe('the status of a probed container', () => {
  const of = (version: string, change: object) =>
    containerProbeStatus(
      {
        status: view({ containerID: 'c1', state: { running: { startedAt: 0 } } }).container!,
        startup: { hasWorker: false, result: undefined },
        readiness: { hasProbe: true, hasWorker: true, result: undefined },
        kubeletStartedAt: seconds(-3600),
        podIsReady: true,
        ...change,
      },
      probeSettings(defaultsFor(version)!),
    );

  it('is started without a startup probe, and ready by its readiness probe, which is asked at once until it succeeds', () => {
    expect(of('1.37', {})).toEqual({ started: true, ready: false, triggersReadiness: true });
    const passes = { readiness: { hasProbe: true, hasWorker: true, result: 'Success' } };
    expect(of('1.37', passes)).toEqual({ started: true, ready: true, triggersReadiness: false });
    const startupRuns = { startup: { hasWorker: true, result: 'Unknown' } };
    expect(of('1.37', startupRuns)).toEqual({ started: false, ready: false, triggersReadiness: false });
  });

  it('stays ready over a restart of the kubelet in 1.37, where 1.23 waits for the first success', () => {
    // The container started at 0, the kubelet at 60 s: more than 10 s later.
    const restarted = { kubeletStartedAt: seconds(60) };
    expect(of('1.37', restarted).ready).toBe(true);
    expect(of('1.37', { ...restarted, podIsReady: false }).ready).toBe(false);
    expect(of('1.37', { kubeletStartedAt: seconds(10) }).ready).toBe(false);
    expect(of('1.23', restarted).ready).toBe(false);
  });
});
