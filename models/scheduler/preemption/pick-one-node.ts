import type { PodInfo } from '../framework/pod-info.js';
import { startTimeOf } from './importance.js';
import type { Candidate } from './victims.js';

/** Brings every priority above zero, so that more victims always sum up to more. */
const PRIORITY_OFFSET = 2 ** 31;

type Measured = Pick<Candidate, 'victims' | 'budgetViolations'>;

/** What is better the larger it is, in the order in which it decides. */
const CRITERIA: readonly ((candidate: Measured) => number)[] = [
  ({ budgetViolations }) => -budgetViolations,
  ({ victims }) => -(victims[0]?.priority ?? 0),
  ({ victims }) => -victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ({ victims }) => -victims.length,
  earliestStart,
];

/** The start of the longest-running of the most important victims: the later, the less is lost. As GetEarliestPodStartTime. */
function earliestStart({ victims }: Measured): number {
  const highest = Math.max(...victims.map(({ priority }) => priority));
  return Math.min(...victims.filter(({ priority }) => priority === highest).map(startTimeOf));
}

/** Measures that were taken before; many nodes have the same. */
const taken = new Map<string, readonly number[]>();
/** Beyond it all are forgotten. */
const MOST_TAKEN = 4096;

/** What decides between candidates, in this order; the larger the better. Equal ones are mostly the same array. */
export function measuresOf(victims: readonly PodInfo[], budgetViolations: number): readonly number[] {
  const measures = CRITERIA.map((criterion) => criterion({ victims, budgetViolations }));
  const key = measures.join();
  const known = taken.get(key);
  if (known !== undefined) {
    return known;
  }
  if (taken.size >= MOST_TAKEN) {
    taken.clear();
  }
  taken.set(key, measures);
  return measures;
}

/** Above zero when the first is better. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < CRITERIA.length; i++) {
    if (a[i] !== b[i]) {
      return (a[i] as number) > (b[i] as number) ? 1 : -1;
    }
  }
  return 0;
}

/** The candidates among which kube-scheduler takes any. As pickOneNodeForPreemption (pkg/scheduler/framework/preemption). */
export function bestCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  let best: readonly number[] = [];
  let found: Candidate[] = [];
  for (const candidate of candidates) {
    const values = candidate.measures;
    const order = values === best ? 0 : found.length === 0 ? 1 : compare(values, best);
    if (order > 0) {
      best = values;
      found = [candidate];
    } else if (order === 0) {
      found.push(candidate);
    }
  }
  return found;
}
