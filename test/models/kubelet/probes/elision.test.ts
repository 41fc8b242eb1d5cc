import fc from 'fast-check';
import { type Micros, milliseconds, seconds } from '../../../../engine/time/micros.js';
import type { ContainerStatus, Probe } from '../../../../models/api/index.js';
import {
  type ProbeAttempt,
  type ProbeKind,
  type ProbeView,
  ProbeWorker,
  probeSettings,
} from '../../../../models/kubelet/probes/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';

/** From `at` on, the worker sees this and its attempts answer that. */
interface Stretch {
  readonly at: Micros;
  readonly view: ProbeView;
  readonly answer: ProbeAttempt;
  readonly triggers: boolean;
}

interface Run {
  /** Everything that can be noticed: published results, attempts that did not succeed, the end of the worker. */
  readonly noticed: readonly string[];
  readonly wakes: number;
}

const END = seconds(600);

function run(worker: ProbeWorker, stretches: readonly Stretch[], leavesOutWakes: boolean): Run {
  const noticed: string[] = [];
  let wakes = 0;
  let now: Micros = 0;
  let current = stretches[0]!;
  const host = {
    attempt: () => current.answer,
    onAttempt: (_: ProbeKind, outcome: string) => outcome !== 'Success' && noticed.push(`${now} ${outcome}`),
    onResult: (_: ProbeKind, id: string, result: string) => noticed.push(`${now} ${id} ${result}`),
  };
  for (let i = 1; ; ) {
    const { view, answer } = current;
    const wakesAt = leavesOutWakes ? worker.mattersAt(view, answer) : worker.wakesAt;
    const next = stretches[i];
    now = Math.min(wakesAt, next?.at ?? END, END);
    if (leavesOutWakes) {
      worker.skipTo(now, view, answer);
    }
    if (now === next?.at) {
      current = next;
      i++;
      if (next.triggers) {
        worker.trigger(now);
      }
    } else if (now === END) {
      return { noticed: [...noticed, `done ${worker.isDone}`], wakes };
    } else {
      wakes++;
      worker.wake(now, view, host);
    }
  }
}

const view = (container: Partial<ContainerStatus> | undefined, willRestart = true): ProbeView => ({
  container: container && { name: 'c', image: 'x', imageID: '', ready: false, restartCount: 0, ...container },
  podIsTerminal: false,
  podIsBeingDeleted: false,
  willRestart: () => willRestart,
});

const PROBES: fc.Arbitrary<Probe> = fc.record({
  periodSeconds: fc.integer({ min: 1, max: 15 }),
  initialDelaySeconds: fc.integer({ min: 0, max: 30 }),
  successThreshold: fc.integer({ min: 1, max: 5 }),
  failureThreshold: fc.integer({ min: 1, max: 5 }),
});

const ANSWERS: fc.Arbitrary<ProbeAttempt> = fc.record({
  outcome: fc.oneof(
    { arbitrary: fc.constant('Success' as const), weight: 5 },
    { arbitrary: fc.constantFrom('Failure' as const, 'Error' as const), weight: 2 },
  ),
  takes: fc.constantFrom(0, milliseconds(1), milliseconds(300), seconds(1), milliseconds(2_700)),
});

const STRETCHES: fc.Arbitrary<readonly Stretch[]> = fc
  .array(
    fc.record({
      lasts: fc.integer({ min: 1, max: 120_000 }).map(milliseconds),
      state: fc.constantFrom('none', 'running', 'started', 'started', 'exited', 'newContainer'),
      willRestart: fc.boolean(),
      answer: ANSWERS,
      triggers: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => {
    let at: Micros = 0;
    let incarnation = 1;
    let startedAt: Micros = 0;
    return parts.map(({ lasts, state, willRestart, answer, triggers }) => {
      if (state === 'newContainer') {
        incarnation++;
        startedAt = at;
      }
      const id = `c${incarnation}`;
      const running = { running: { startedAt } };
      const container =
        state === 'none'
          ? undefined
          : state === 'exited'
            ? { containerID: id, state: { terminated: { exitCode: 1 } } }
            : { containerID: id, state: running, started: state === 'started' };
      const stretch = { at, view: view(container, willRestart), answer, triggers };
      at += lasts;
      return stretch;
    });
  });

describe.each(['1.37', '1.23'])('a probe worker of %s that is only woken when it matters', (version) => {
  const settings = probeSettings(defaultsFor(version)!);
  const aWorker = (kind: ProbeKind, probe: Probe, startsAt: Micros = 0): ProbeWorker =>
    new ProbeWorker(kind, probe, { startsAt, kubeletStartedAt: seconds(-3600), isSidecar: false }, settings);

  it.each(['liveness', 'readiness', 'startup'] as const)(
    'shows the same %s results as one woken at every tick',
    (kind) => {
      fc.assert(
        fc.property(PROBES, STRETCHES, fc.integer({ min: 0, max: 9_999 }), (probe, stretches, phase) => {
          const startsAt = milliseconds(phase);
          const plain = run(aWorker(kind, probe, startsAt), stretches, false);
          const elided = run(aWorker(kind, probe, startsAt), stretches, true);
          expect(elided.noticed).toEqual(plain.noticed);
          expect(elided.wakes).toBeLessThanOrEqual(plain.wakes);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('costs three wakes in ten minutes of passing', () => {
    const passes: Stretch = {
      at: 0,
      view: view({ containerID: 'c1', state: { running: { startedAt: 0 } }, started: true }),
      answer: { outcome: 'Success', takes: milliseconds(20) },
      triggers: false,
    };
    const probe = { periodSeconds: 10, initialDelaySeconds: 5 };
    // Creation at 0 (sees the container), the tick at 10 s (first attempt) and its end; else 59 ticks to 590 s, each
    // with its end.
    expect(run(aWorker('readiness', probe), [passes], true).wakes).toBe(3);
    expect(run(aWorker('readiness', probe), [passes], false).wakes).toBe(119);
  });
});
