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
/** The real kubelet's recordings need more: waits that it stretches by chance add up. They are short. */
const KUBELET_REPLAYS = 64;
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
  const replays = script.cluster === 'kubelet' ? KUBELET_REPLAYS : REPLAYS;
  const simulated = Array.from({ length: replays }, (_, i) => {
    const phase = (i % REPLAYS) * PHASE_STEP_SECONDS;
    return seriesOf(play({ folder, trace, script, phase, seed: i + 1, kubeletAge: kubeletAge(i) }), ordered);
  });
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
