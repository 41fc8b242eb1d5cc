import { type Micros, toSeconds } from '../../engine/index.js';
import { firstStrike, type Measure, type MeasuredRun, rowsOf } from './measure.js';
import { largest } from './quantile.js';

/**
 * Seconds from the first strike that hit nodes until the API no longer shows the last of them as Ready (Unknown, False, or the
 * Node is gone). Nodes that were not Ready when it struck do not count. None when one of them was never noticed.
 */
export const detectionTime: Measure = {
  name: 'detection_s',
  unit: 'seconds',
  help: 'From the first fault that struck nodes until the last of them is no longer Ready in the API',
  reads: ['nodes'],
  compute: (run) => {
    const strike = firstStrike(run, 'nodes');
    if (strike === undefined) {
      return undefined;
    }
    const noticed = strike.nodes.flatMap((node) => noticedAt(run, node, strike.at));
    const last = noticed.includes(undefined) ? undefined : largest(noticed as readonly Micros[]);
    return last === undefined ? undefined : toSeconds(last - strike.at);
  },
};

/** Empty when the node was not Ready before. */
function noticedAt(run: MeasuredRun, node: string, from: Micros): readonly (Micros | undefined)[] {
  const rows = rowsOf(run, 'nodes').filter(({ row }) => row.node === node);
  const before = rows.findLast(({ at }) => at < from)?.row;
  if (before?.ready !== 'True' || before.change === 'deleted') {
    return [];
  }
  return [rows.find(({ at, row }) => at >= from && (row.ready !== 'True' || row.change === 'deleted'))?.at];
}
