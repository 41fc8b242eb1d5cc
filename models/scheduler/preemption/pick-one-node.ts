import { startTimeOf } from './importance.js';
import type { Candidate } from './victims.js';

/** Brings every priority above zero, so that more victims always sum up to more. */
const PRIORITY_OFFSET = 2 ** 31;

/** What is better the larger it is, in the order in which it decides. */
const CRITERIA: readonly ((candidate: Candidate) => number)[] = [
  ({ budgetViolations }) => -budgetViolations,
  ({ victims }) => -(victims[0]?.priority ?? 0),
  ({ victims }) => -victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ({ victims }) => -victims.length,
  earliestStart,
];

/** The start of the longest-running of the most important victims: the later, the less is lost. As GetEarliestPodStartTime. */
function earliestStart({ victims }: Candidate): number {
  const highest = Math.max(...victims.map(({ priority }) => priority));
  return Math.min(...victims.filter(({ priority }) => priority === highest).map(startTimeOf));
}

/** The candidates among which kube-scheduler takes any. As pickOneNodeForPreemption (pkg/scheduler/framework/preemption). */
export function bestCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  let left = candidates;
  for (const criterion of CRITERIA) {
    const scores = left.map(criterion);
    const best = Math.max(...scores);
    left = left.filter((_, i) => scores[i] === best);
    if (left.length <= 1) {
      break;
    }
  }
  return left;
}
