import type { Outcome } from '../adapter.js';
import { type Plateau, plateausOf } from './plateaus.js';
import type { Series } from './series.js';

/** The recordings' own noise: the time of arrival at the watcher, and one hundredth of the delay since the cause. */
const SLACK_SECONDS = 0.5;
const SLACK_OF_DELAY = 0.01;

/**
 * Milestones of a recorded timeline against those of several simulated ones that differ in the phases of their periodic passes:
 * a milestone is equal when its value is reached and its time lies within the range of the simulated times.
 */
export function compareSeries(
  recorded: Series,
  simulated: readonly Series[],
  end: number,
  causes: readonly number[],
): Outcome[] {
  return [...recorded.keys()].sort().flatMap((name) => {
    const runs = simulated.map((series) => plateausOf(series.get(name) ?? [], end));
    return plateausOf(recorded.get(name) ?? [], end).map((milestone) => judge(name, milestone, runs, causes));
  });
}

function judge(
  name: string,
  milestone: Plateau,
  runs: readonly (readonly Plateau[])[],
  causes: readonly number[],
): Outcome {
  const id = `${name} = ${milestone.value} at ${milestone.t}`;
  const times = runs.flatMap((run) => nearest(run, milestone) ?? []);
  if (times.length === 0) {
    return { id, equal: false, difference: 'never simulated' };
  }
  const cause = causes.filter((t) => t <= milestone.t).at(-1) ?? 0;
  const slack = SLACK_SECONDS + SLACK_OF_DELAY * (milestone.t - cause);
  const [earliest, latest] = [Math.min(...times), Math.max(...times)];
  const distance = Math.max(0, earliest - milestone.t, milestone.t - latest);
  return distance <= slack
    ? { id, equal: true }
    : { id, equal: false, distance, difference: `simulated from ${earliest} to ${latest} s` };
}

/** When the run reached the milestone's value; of several times the one nearest to the recorded one. */
function nearest(run: readonly Plateau[], { value, t }: Plateau): number | undefined {
  const times = run.filter((plateau) => plateau.value === value).map((plateau) => plateau.t);
  return times.sort((a, b) => Math.abs(a - t) - Math.abs(b - t))[0];
}
