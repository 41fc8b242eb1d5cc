import type { Recorded } from '../../engine/index.js';
import { type Death, deaths } from '../measures/deaths.js';
import { groupBy } from '../measures/group.js';
import { type MeasuredRun, podKey, rowsOf } from '../measures/measure.js';
import { type PodHistory, type PodRow, podHistories } from '../measures/pod-history.js';
import type { RowOf } from '../sources/timelines.js';
import { followStates, makeGantt, type StateHistory, type Update } from './gantt.js';
import type { Gantt, GanttState, Mark } from './page-data.js';

const STATES: readonly GanttState[] = [
  { name: 'Pending', colour: '#e69f00' },
  { name: 'ContainerCreating', colour: '#f0e442' },
  { name: 'Running, not ready', colour: '#56b4e9' },
  { name: 'Ready', colour: '#009e73' },
  { name: 'Dead, not noticed', colour: '#4d4d4d' },
  { name: 'CrashLoopBackOff', colour: '#cc79a7' },
  { name: 'Terminating', colour: '#999999' },
  { name: 'Failed', colour: '#d55e00' },
  { name: 'Succeeded', colour: '#0072b2' },
];

type ContainerRow = RowOf<'containers'>;

/** What kubectl would have shown of each pod when, and when its containers were dead without anybody knowing. */
export function podGantt(run: MeasuredRun, marks: readonly Mark[]): Gantt {
  const containers = groupBy(rowsOf(run, 'containers'), ({ row }) => podKey(row));
  const died = groupBy(deaths(run), ({ pod }) => pod);
  const histories = podHistories(run).map((history): StateHistory => {
    const { namespace = '', pod = '', owner = '' } = history.rows[0]?.row ?? {};
    return {
      name: pod,
      group: `${namespace}: ${owner === '' ? 'pods without an owner' : owner}`,
      changes: podChanges(history, containers.get(history.pod) ?? [], died.get(history.pod) ?? []),
    };
  });
  return makeGantt({
    title: 'Pods',
    help:
      'Each pod by its owner, as the API server shows it. Dark: its containers are dead by a fault, and the API still says ' +
      'Ready. Point at a bar for node and reason.',
    what: 'pods',
    states: STATES,
    histories,
    end: run.endsAt,
    marks,
  });
}

function podChanges(history: PodHistory, containers: readonly Recorded<ContainerRow>[], died: readonly Death[]) {
  let shown = history.rows[0]?.row as PodRow;
  let isDead = false;
  /** Why containers wait, by their names. */
  const waiting = new Map<string, string>();
  const isWithin = (at: number): boolean => at >= history.from && at <= history.to;
  const updates: Update[] = [
    ...history.rows.map(({ at, row }) => ({
      at,
      apply: () => {
        shown = row;
      },
    })),
    ...containers
      .filter(({ at }) => isWithin(at))
      .map(({ at, row }) => ({
        at,
        apply: () => {
          row.state === 'waiting' ? waiting.set(row.container, row.reason) : waiting.delete(row.container);
        },
      })),
    ...died
      .filter(({ from }) => isWithin(from))
      .flatMap(({ from, to }) =>
        [from, to].map((at) => ({
          at,
          apply: () => {
            isDead = at === from;
          },
        })),
      ),
  ];
  return followStates(updates, () => ({
    state: stateOf(shown, [...waiting.values()], isDead),
    note: noteOf(shown, [...waiting.values()]),
  }));
}

function stateOf(row: PodRow, waiting: readonly string[], isDead: boolean): string | undefined {
  if (row.change === 'deleted') {
    return undefined;
  }
  if (row.deleting === 'true') {
    return 'Terminating';
  }
  if (row.phase === 'Failed' || row.phase === 'Succeeded') {
    return row.phase;
  }
  if (waiting.includes('CrashLoopBackOff')) {
    return 'CrashLoopBackOff';
  }
  if (row.node === '') {
    return 'Pending';
  }
  if (row.phase === 'Pending' || row.phase === '') {
    return 'ContainerCreating';
  }
  return row.ready !== 'True' ? 'Running, not ready' : isDead ? 'Dead, not noticed' : 'Ready';
}

function noteOf({ node, reason, disruption }: PodRow, waiting: readonly string[]): string {
  const parts = [node && `on ${node}`, reason, disruption, ...waiting.filter((why) => why !== 'ContainerCreating')];
  return [...new Set(parts)].filter((part) => part !== '').join('; ');
}
