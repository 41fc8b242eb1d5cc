import { toSeconds } from '../../engine/index.js';
import { firstStrike, type Measure } from './measure.js';
import { largest } from './quantile.js';

/**
 * Seconds from the first strike that hit pods until the replacement of the last of them is Ready. Pods that nobody replaced do
 * not count; none when a replacement was not Ready before the run ended.
 */
export const replacementTime: Measure = {
  name: 'replacement_s',
  unit: 'seconds',
  help: 'From the first fault that struck pods until the last of their replacements is Ready',
  reads: [],
  compute: (run) => {
    const strike = firstStrike(run, 'pods');
    const replaced = strike?.pods.filter(({ replacedBy }) => replacedBy !== undefined) ?? [];
    const ready = replaced.flatMap(({ replacementReadyAt }) => replacementReadyAt ?? []);
    const last = ready.length < replaced.length ? undefined : largest(ready);
    return strike === undefined || last === undefined ? undefined : toSeconds(last - strike.at);
  },
};
