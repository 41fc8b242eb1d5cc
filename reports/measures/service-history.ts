import type { Micros } from '../../engine/index.js';
import { deaths } from './deaths.js';
import { podKey, rowsOf } from './measure.js';
import { oncePerRun } from './once-per-run.js';

/** From this instant until the next step: how many endpoints serve. */
export interface Step {
  readonly at: Micros;
  readonly count: number;
}

/** How many endpoints of a Service serve over time: ready in its EndpointSlices, and not dead by a fault that nobody noticed. */
export interface ServiceHistory {
  /** namespace/name */
  readonly service: string;
  readonly steps: readonly Step[];
  /** The same as the EndpointSlices alone say. */
  readonly listed: readonly Step[];
}

interface Counted {
  readonly steps: Step[];
  readonly listed: Step[];
  /** Endpoints that are ready, by pod, or by address where there is none. */
  readonly ready: Set<string>;
}

interface Change {
  readonly at: Micros;
  readonly apply: () => void;
}

/** By name of the Service. */
export const serviceHistories = oncePerRun((run): readonly ServiceHistory[] => {
  const services = new Map<string, Counted>();
  const dead = new Set<string>();
  const note = (counted: Counted, at: Micros): void => {
    appendStep(counted.listed, { at, count: counted.ready.size });
    appendStep(counted.steps, { at, count: [...counted.ready].filter((key) => !dead.has(key)).length });
  };
  const changes: Change[] = deaths(run).flatMap(({ pod, from, to }) => {
    const mark = (at: Micros, isDead: boolean) => ({
      at,
      apply: () => {
        isDead ? dead.add(pod) : dead.delete(pod);
        for (const counted of services.values()) {
          if (counted.ready.has(pod)) {
            note(counted, at);
          }
        }
      },
    });
    return [mark(from, true), mark(to, false)];
  });
  for (const { at, row } of rowsOf(run, 'endpoints')) {
    const service = `${row.namespace}/${row.service}`;
    const key = row.pod === '' ? row.address : podKey(row);
    changes.push({
      at,
      apply: () => {
        const counted = services.get(service) ?? { steps: [], listed: [], ready: new Set() };
        services.set(service, counted);
        row.state === 'ready' ? counted.ready.add(key) : counted.ready.delete(key);
        note(counted, at);
      },
    });
  }
  for (const { apply } of changes.sort((a, b) => a.at - b.at)) {
    apply();
  }
  return [...services]
    .map(([service, { steps, listed }]) => ({ service, steps, listed }))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
});

/** Of several changes at one instant only the last counts. */
function appendStep(steps: Step[], step: Step): void {
  if (steps.at(-1)?.at === step.at) {
    steps.pop();
  }
  if (steps.at(-1)?.count !== step.count) {
    steps.push(step);
  }
}

/** The count just before an instant. */
export const countBefore = (steps: readonly Step[], at: Micros): number =>
  steps.findLast((step) => step.at < at)?.count ?? 0;
