import { type Micros, toSeconds } from '../../engine/index.js';
import type { MeasuredRun } from '../measures/measure.js';
import { type ServiceHistory, type Step, serviceHistories } from '../measures/service-history.js';
import { keepMost } from './most.js';
import type { Line, LineChart, Mark } from './page-data.js';

const MOST_SERVICES = 6;

/** Serving endpoints of each Service over time; a second line where the EndpointSlices said otherwise. */
export function serviceChart(run: MeasuredRun, marks: readonly Mark[]): LineChart {
  const since = run.faults[0]?.at ?? 0;
  const changes = ({ steps }: ServiceHistory): number => steps.filter(({ at }) => at >= since).length;
  const { kept, note } = keepMost(serviceHistories(run), MOST_SERVICES, changes, 'Services');
  return {
    kind: 'chart',
    title: 'Endpoints',
    help:
      'Endpoints of each Service that serve: ready in its EndpointSlices, and not dead by a fault. Where the EndpointSlices ' +
      `go on listing dead ones as ready, that is a dashed line.${note}`,
    x: { type: 'time', start: 0, end: toSeconds(run.endsAt) },
    yName: 'endpoints',
    lines: kept.flatMap((history) => linesOf(history, run.endsAt)),
    marks,
  };
}

function linesOf({ service, steps, listed }: ServiceHistory, end: Micros): readonly Line[] {
  const serving = stepLine(service, steps, end);
  const isSame = steps.length === listed.length && steps.every(({ at, count }, i) => isStep(listed[i], at, count));
  return isSame ? [serving] : [serving, { ...stepLine(`${service}, as listed`, listed, end), isAside: true }];
}

const isStep = (step: Step | undefined, at: Micros, count: number): boolean => step?.at === at && step.count === count;

/** A line that holds each count until the next, and the last until the end of the run. */
export function stepLine(name: string, steps: readonly Step[], end: Micros): Line {
  const last = steps.at(-1);
  const all = last !== undefined && last.at < end ? [...steps, { at: end, count: last.count }] : steps;
  return { name, isStep: true, points: all.map(({ at, count }) => [toSeconds(at), count] as const) };
}
