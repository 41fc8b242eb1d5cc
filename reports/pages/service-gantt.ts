import type { Micros } from '../../engine/index.js';
import { wantedEndpoints } from '../measures/availability.js';
import type { MeasuredRun } from '../measures/measure.js';
import { type ServiceHistory, type Step, serviceHistories } from '../measures/service-history.js';
import { followStates, makeGantt, type StateHistory, type Update } from './gantt.js';
import type { Gantt, GanttState, Mark } from './page-data.js';

const ALL = 'all serve';
const SOME = 'some serve';
const NONE = 'none serves';

const STATES: readonly GanttState[] = [
  { name: ALL, colour: '#009e73' },
  { name: SOME, colour: '#e69f00' },
  { name: NONE, colour: '#d55e00' },
];

/** Whether each Service had the endpoints it should have, some of them, or none. */
export function serviceGantt(run: MeasuredRun, marks: readonly Mark[]): Gantt {
  return makeGantt({
    title: 'Services',
    help:
      'Whether as many endpoints of each Service serve as just before the first fault (without one: as it ever had). An ' +
      'endpoint serves when it is ready in its EndpointSlices and its pod is not dead by a fault.',
    what: 'Services',
    states: STATES,
    histories: serviceHistories(run).map((history) => toHistory(history, wantedEndpoints(run, history.steps))),
    end: run.endsAt,
    marks,
  });
}

function toHistory({ service, steps, listed }: ServiceHistory, wanted: number): StateHistory {
  let serving = 0;
  let shown = 0;
  const updates: readonly Update[] = [
    ...stepUpdates(steps, (count) => {
      serving = count;
    }),
    ...stepUpdates(listed, (count) => {
      shown = count;
    }),
  ];
  return {
    name: service,
    group: '',
    changes: followStates(updates, () => ({
      state: serving >= wanted ? ALL : serving > 0 ? SOME : NONE,
      note: `${serving} of ${wanted} serve${shown === serving ? '' : `, ${shown} listed as ready`}`,
    })),
  };
}

const stepUpdates = (steps: readonly Step[], set: (count: number) => void): readonly Update[] =>
  steps.map(({ at, count }: { at: Micros; count: number }) => ({ at, apply: () => set(count) }));
