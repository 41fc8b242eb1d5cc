import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seconds } from '../../../../engine/index.js';
import type { WorldSettings } from '../../../../models/world/index.js';
import type { Outcome } from '../adapter.js';
import { compareSeries } from './compare-traces.js';
import { bindingTimes } from './lateness.js';
import { play } from './play.js';
import { readManifest, readScript } from './script.js';
import { type Series, seriesOf } from './series.js';
import { actionTimes, readTrace, type Trace } from './trace.js';

/**
 * How many replays make a round, each with its own seed, which spreads the phases and jitters inside the kubelets, and with another
 * start of the control plane, in steps that spread the phases of its 5 s, 10 s, 15 s and 20 s passes.
 */
const REPLAYS = 32;
const PHASE_STEP_SECONDS = 20 / 32 + 5 / 32;
/** Each round's phases lie between those of the rounds before. */
const PHASE_STEP_OF_ROUND = PHASE_STEP_SECONDS / 5 / 4;
/** What chance may do is known better with each round; there is another while a milestone lies outside, but no more than these. */
const ROUNDS = 16;
/**
 * Rounds of the control plane's recordings with the latencies that their README states. Those that ran beside many others on a busy
 * machine have more to them: the rounds after these draw the time of requests and watches from those of the recording itself, or from
 * half of them (docs/decisions/0008-latencies-of-a-recording.md).
 */
const QUIET_ROUNDS = 4;
/**
 * The real kubelet was started 2.8 s before the first recording (kubelet-heartbeat shows it), and others were begun on it a second
 * apart (their t0 show it): a probe worker made before the kubelet is one period old first waits for a random part of it.
 */
const kubeletAge = (replay: number): number => 2.8 + (replay % 8);

/** Milestones of one recording against the simulator. */
export function runTrace(path: string): readonly Outcome[] {
  const folder = dirname(path);
  const trace = readTrace(path);
  const script = readScript(folder, trace);
  const ordered = orderedSets(folder);
  const recorded = seriesOf(trace.lines, ordered);
  const simulated: Series[] = [];
  let outcomes: readonly Outcome[] = [];
  for (let round = 0; round < ROUNDS && (round === 0 || !outcomes.every(({ equal }) => equal)); round++) {
    const isBusy = round >= QUIET_ROUNDS && script.cluster !== 'kubelet';
    for (let i = 0; i < REPLAYS; i++) {
      const replay = simulated.length;
      const phase = i * PHASE_STEP_SECONDS + (round % QUIET_ROUNDS) * PHASE_STEP_OF_ROUND;
      const lines = play({
        folder,
        trace,
        script,
        phase,
        seed: replay + 1,
        kubeletAge: kubeletAge(replay),
        ...(isBusy && { latencies: busyLatencies(trace, i % 2 === 0 ? 1 : 0.5) }),
      });
      simulated.push(seriesOf(lines, ordered));
    }
    outcomes = compareSeries(recorded, simulated, script.end, actionTimes(trace.lines));
  }
  return outcomes;
}

/** StatefulSets whose pods come one after the other: chance has no part in which of them is where. */
function orderedSets(folder: string): ReadonlySet<string> {
  const path = join(folder, 'workloads.yaml');
  const sets = existsSync(path) ? readManifest(path).filter(({ kind }) => kind === 'StatefulSet') : [];
  return new Set(
    sets
      .filter((set) => (set as { spec?: { podManagementPolicy?: string } }).spec?.podManagementPolicy !== 'Parallel')
      .map((set) => set.metadata.name),
  );
}

/** A pod is bound after one delivery to the scheduler and half a request of its own. */
function busyLatencies(trace: Trace, share: number): Pick<WorldSettings, 'apiCall' | 'watchDelivery'> {
  const values = bindingTimes(trace.lines).map((time) => Math.max(1, seconds((time / 1.5) * share)));
  const distribution = { kind: 'empirical', values } as const;
  return { apiCall: distribution, watchDelivery: distribution };
}
