import type { Micros } from '../../engine/index.js';
import type { Measure, MeasuredRun } from './measure.js';
import { largest, smallest } from './quantile.js';
import { countBefore, type Step, serviceHistories } from './service-history.js';

/** How much of the time a Service served. The clock starts when it first had all endpoints wanted, not before the run. */
export interface Availability {
  readonly service: string;
  readonly wanted: number;
  /** Share of the time, 0 to 1, with at least as many as wanted. */
  readonly whole: number;
  /** Share of the time, 0 to 1, with at least one. */
  readonly reachable: number;
}

/** Services that ever had an endpoint when it counts, by name. */
export function availabilityByService(run: MeasuredRun): readonly Availability[] {
  return serviceHistories(run).flatMap(({ service, steps }) => {
    const wanted = wantedEndpoints(run, steps);
    const whole = steps.find(({ count }) => count >= wanted)?.at;
    if (wanted === 0 || whole === undefined || whole >= run.endsAt) {
      return [];
    }
    const from = Math.max(0, whole);
    const share = (least: number): number => timeWith(steps, least, from, run.endsAt) / (run.endsAt - from);
    return [{ service, wanted, whole: share(wanted), reachable: share(1) }];
  });
}

/** Serving endpoints just before the first fault; in a run without faults, the most there ever were. */
export function wantedEndpoints({ faults }: MeasuredRun, steps: readonly Step[]): number {
  const [first] = faults;
  return first === undefined ? (largest(steps.map(({ count }) => count)) ?? 0) : countBefore(steps, first.at);
}

/** Time from `from` to `to` with at least so many. */
function timeWith(steps: readonly Step[], least: number, from: Micros, to: Micros): Micros {
  return steps.reduce((sum, { at, count }, i) => {
    const next = Math.min(to, steps[i + 1]?.at ?? to);
    return count >= least ? sum + Math.max(0, next - Math.max(from, at)) : sum;
  }, 0);
}

const reads = ['endpoints', 'pods'] as const;

/** Share of the time, 0 to 1, in which the worst Service had at least as many serving endpoints as before the first fault. */
export const availability: Measure = {
  name: 'availability',
  unit: 'share',
  help: 'Share of the time in which the worst Service had at least as many serving endpoints as before the first fault',
  reads,
  compute: (run) => smallest(availabilityByService(run).map(({ whole }) => whole)),
};

/** Share of the time, 0 to 1, in which the worst Service had at least one serving endpoint. */
export const reachability: Measure = {
  name: 'reachability',
  unit: 'share',
  help: 'Share of the time in which the worst Service had at least one serving endpoint',
  reads,
  compute: (run) => smallest(availabilityByService(run).map(({ reachable }) => reachable)),
};
