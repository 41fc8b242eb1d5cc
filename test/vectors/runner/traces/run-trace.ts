import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Outcome } from '../adapter.js';
import { compareSeries } from './compare-traces.js';
import { play } from './play.js';
import { readManifest, readScript } from './script.js';
import { seriesOf } from './series.js';
import { actionTimes, readTrace } from './trace.js';

/**
 * How often a recording is replayed, each time with its own seed, which spreads the phases and jitters inside the kubelets, and
 * with another start of the control plane, in steps that spread the phases of its 5 s, 10 s, 15 s and 20 s passes.
 */
const REPLAYS = 32;
const PHASE_STEP_SECONDS = 20 / 32 + 5 / 32;

/** Milestones of one recording against the simulator. */
export function runTrace(path: string): readonly Outcome[] {
  const folder = dirname(path);
  const trace = readTrace(path);
  const script = readScript(folder, trace);
  const ordered = orderedSets(folder);
  const simulated = Array.from({ length: REPLAYS }, (_, i) =>
    seriesOf(play({ folder, trace, script, phase: i * PHASE_STEP_SECONDS, seed: i + 1 }), ordered),
  );
  return compareSeries(seriesOf(trace.lines, ordered), simulated, script.end, actionTimes(trace.lines));
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
