import { type Micros, toSeconds } from '../../engine/index.js';
import type { Measure } from './measure.js';
import { largest } from './quantile.js';
import { countBefore, type Step, serviceHistories } from './service-history.js';

/**
 * Seconds from the first fault that struck anything until every Service that then lost serving endpoints has, for the last time,
 * as many again as just before the fault. None when no Service lost any, and when one was not whole before the run ended.
 */
export const timeToRecovery: Measure = {
  name: 'recovery_s',
  unit: 'seconds',
  help: 'From the first fault until every Service that lost endpoints serves with as many as before it',
  reads: ['endpoints', 'pods'],
  compute: (run) => {
    const fault = run.faults.find(({ nodes, pods }) => nodes.length + pods.length > 0);
    if (fault === undefined) {
      return undefined;
    }
    const whole = serviceHistories(run).flatMap(({ steps }) => wholeAgain(steps, fault.at));
    const last = whole.includes(undefined) ? undefined : largest(whole as readonly Micros[]);
    return last === undefined ? undefined : toSeconds(last - fault.at);
  },
};

/** Empty when the count never fell below what it was; undefined in it when the count is below at the end. */
function wholeAgain(steps: readonly Step[], at: Micros): readonly (Micros | undefined)[] {
  const before = countBefore(steps, at);
  const lastBroken = steps.findLastIndex((step) => step.at >= at && step.count < before);
  return lastBroken < 0 ? [] : [steps[lastBroken + 1]?.at];
}
