import { type Micros, toSeconds } from '../../engine/index.js';
import { type Death, deaths } from './deaths.js';
import { groupBy } from './group.js';
import type { Measure } from './measure.js';
import { isLeaving, type PodHistory, podHistories } from './pod-history.js';

/**
 * Seconds in which pods that had been Ready were not, summed over pods: from Ready until they leave, finish or the run ends, the
 * time they were shown as not Ready or were dead by a fault that nobody had noticed. What a replacement takes is not in it.
 */
export const podDowntime: Measure = {
  name: 'pod_downtime_s',
  unit: 'seconds',
  help: 'Time in which pods that had been Ready were not, until they left or finished, summed over pods',
  reads: ['pods'],
  compute: (run) => {
    const byPod = groupBy(deaths(run), ({ pod }) => pod);
    const down = podHistories(run).map((history) => downtime(history, byPod.get(history.pod) ?? [], run.endsAt));
    return toSeconds(down.reduce((sum, time) => sum + time, 0));
  },
};

function downtime({ rows }: PodHistory, died: readonly Death[], end: Micros): Micros {
  const from = rows.find(({ row }) => row.ready === 'True')?.at;
  if (from === undefined) {
    return 0;
  }
  const leaves = rows.find(({ row }) => isLeaving(row) || row.phase === 'Succeeded' || row.phase === 'Failed')?.at;
  const to = leaves ?? end;
  const shown = rows.flatMap(({ at, row }, i) =>
    row.ready === 'True' ? [] : [{ from: at, to: rows[i + 1]?.at ?? end }],
  );
  return covered([...shown, ...died], from, to);
}

interface Stretch {
  readonly from: Micros;
  readonly to: Micros;
}

/** How much of the time from `from` to `to` lies in at least one of the stretches. */
function covered(stretches: readonly Stretch[], from: Micros, to: Micros): Micros {
  let sum = 0;
  let reached = from;
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) {
    const begins = Math.max(reached, stretch.from);
    const ends = Math.min(to, stretch.to);
    sum += Math.max(0, ends - begins);
    reached = Math.max(reached, ends);
  }
  return sum;
}
