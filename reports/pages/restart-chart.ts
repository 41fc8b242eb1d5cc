import { toSeconds } from '../../engine/index.js';
import { groupBy } from '../measures/group.js';
import type { MeasuredRun } from '../measures/measure.js';
import { type Restart, restartsOf } from '../measures/restarts.js';
import type { Step } from '../measures/service-history.js';
import { keepMost } from './most.js';
import type { LineChart, Mark } from './page-data.js';
import { stepLine } from './service-chart.js';

const MOST_CONTAINERS = 12;

/** How often each container was restarted by then; undefined when none was. */
export function restartChart(run: MeasuredRun, marks: readonly Mark[]): LineChart | undefined {
  const byContainer = groupBy(restartsOf(run), ({ pod, container }) => `${pod} ${container}`);
  if (byContainer.size === 0) {
    return undefined;
  }
  const all = [...byContainer].sort(([a], [b]) => (a < b ? -1 : 1));
  const { kept, note } = keepMost(all, MOST_CONTAINERS, ([, own]) => own.length, 'containers');
  return {
    kind: 'chart',
    title: 'Restarts',
    help: `Restarts of each container in place, added up.${note}`,
    x: { type: 'time', start: 0, end: toSeconds(run.endsAt) },
    yName: 'restarts',
    lines: kept.map(([name, own]) => stepLine(name, addUp(own), run.endsAt)),
    marks,
  };
}

function addUp(restarts: readonly Restart[]): readonly Step[] {
  let count = 0;
  const steps = restarts.map(({ at, times }) => {
    count += times;
    return { at, count };
  });
  return [{ at: 0, count: 0 }, ...steps];
}
