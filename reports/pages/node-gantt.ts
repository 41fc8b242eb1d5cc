import type { Recorded } from '../../engine/index.js';
import { groupBy } from '../measures/group.js';
import { type MeasuredRun, rowsOf } from '../measures/measure.js';
import type { RowOf } from '../sources/timelines.js';
import { followStates, makeGantt, type StateHistory, type Update } from './gantt.js';
import type { Gantt, GanttState, Mark } from './page-data.js';

const STATES: readonly GanttState[] = [
  { name: 'Ready', colour: '#009e73' },
  { name: 'Ready, cordoned', colour: '#56b4e9' },
  { name: 'Ready, under pressure', colour: '#f0e442' },
  { name: 'Struck, not noticed', colour: '#4d4d4d' },
  { name: 'NotReady', colour: '#e69f00' },
  { name: 'Unknown', colour: '#d55e00' },
  { name: 'no status yet', colour: '#bbbbbb' },
];

type NodeRow = RowOf<'nodes'>;

/** What condition Ready of each Node said when; taints and reasons are notes. */
export function nodeGantt(run: MeasuredRun, marks: readonly Mark[]): Gantt {
  const histories = [...groupBy(rowsOf(run, 'nodes'), ({ row }) => row.node)]
    .map(([node, own]): StateHistory => ({ name: node, group: '', changes: nodeChanges(run, node, own) }))
    .sort((a, b) => inNaturalOrder(a.name, b.name));
  return makeGantt({
    title: 'Nodes',
    help:
      'Condition Ready of each Node as the API server shows it. Dark: a fault has struck the node, and its Node still says ' +
      'Ready. Point at a bar for reason and taints.',
    what: 'nodes',
    states: STATES,
    histories,
    end: run.endsAt,
    marks,
  });
}

function nodeChanges(run: MeasuredRun, node: string, rows: readonly Recorded<NodeRow>[]) {
  let shown: NodeRow | undefined;
  let strikes = 0;
  const updates: Update[] = rows.map(({ at, row }) => ({
    at,
    apply: () => {
      shown = row;
    },
  }));
  for (const { at, healedAt, nodes } of run.faults) {
    if (nodes.some((struck) => struck.node === node)) {
      updates.push({ at, apply: () => strikes++ }, { at: healedAt ?? run.endsAt, apply: () => strikes-- });
    }
  }
  return followStates(updates, () => ({ state: stateOf(shown, strikes > 0), note: noteOf(shown) }));
}

function stateOf(row: NodeRow | undefined, isStruck: boolean): string | undefined {
  if (row === undefined || row.change === 'deleted') {
    return undefined;
  }
  switch (row.ready) {
    case 'True':
      return readyState(row, isStruck);
    case 'False':
      return 'NotReady';
    case 'Unknown':
      return 'Unknown';
    default:
      return 'no status yet';
  }
}

function readyState(row: NodeRow, isStruck: boolean): string {
  if (isStruck) {
    return 'Struck, not noticed';
  }
  if (row.unschedulable === 'true') {
    return 'Ready, cordoned';
  }
  return pressures(row).length > 0 ? 'Ready, under pressure' : 'Ready';
}

const pressures = (row: NodeRow): readonly string[] => [
  ...(row.memory_pressure === 'True' ? ['MemoryPressure'] : []),
  ...(row.disk_pressure === 'True' ? ['DiskPressure'] : []),
  ...(row.pid_pressure === 'True' ? ['PIDPressure'] : []),
];

function noteOf(row: NodeRow | undefined): string {
  if (row === undefined) {
    return '';
  }
  const cordoned = row.unschedulable === 'true' ? 'cordoned' : '';
  const parts = [row.reason, cordoned, ...pressures(row), row.taints && `taints: ${row.taints}`];
  return parts.filter((part) => part !== '').join('; ');
}

/** worker-2 before worker-10: by the number at the end, where what stands before it is the same. */
function inNaturalOrder(a: string, b: string): number {
  const [stemOfA, stemOfB] = [a, b].map((name) => name.replace(/\d+$/, ''));
  if (stemOfA === stemOfB) {
    return Number(a.slice(stemOfA?.length)) - Number(b.slice(stemOfB?.length));
  }
  return a < b ? -1 : 1;
}
