import { type Attempt, attemptsOf } from '../explain/attempts.js';
import { formatAt } from '../sinks/times.js';
import type { Timelines } from '../sources/timelines.js';
import type { Table } from './page-data.js';

/** A page with more would take long to load; `kubewhen explain` tells of every pod. */
const MOST_ROWS = 2_000;
const MOST_NAMES = 12;

/** How pods were placed, or why not; nothing when neither verdicts nor scores were recorded. */
export function schedulingTables(timelines: Timelines): readonly Table[] {
  if (timelines['scheduling-verdicts'] === undefined && timelines['scheduling-scores'] === undefined) {
    return [];
  }
  const attempts = attemptsOf(timelines);
  return [
    attemptsTable(attempts),
    ...(timelines['scheduling-verdicts'] ? [refusalsTable(attempts)] : []),
    ...(timelines['scheduling-scores'] ? [scoresTable(attempts)] : []),
  ];
}

const attemptsTable = (attempts: readonly Attempt[]): Table =>
  table(
    'Scheduling attempts',
    'Each time that the scheduler took a pod from its queue, told when it was bound or had failed.',
    ['at_s', 'pod', 'attempt', 'result', 'node', 'evaluated', 'feasible', 'message'],
    attempts.map(({ at, pod, number, result, node, evaluated, feasible, message }) => [
      formatAt(at),
      pod,
      String(number),
      result,
      node,
      String(evaluated),
      String(feasible),
      message,
    ]),
  );

const refusalsTable = (attempts: readonly Attempt[]): Table =>
  table(
    'Nodes refused',
    'The first plugin that refused, and why. Preemption may help where it says so.',
    ['pod', 'attempt', 'plugin', 'reasons', 'preemption', 'nodes', 'names'],
    attempts.flatMap(({ pod, number, refusals = [] }) =>
      refusals.map(({ plugin, reasons, isResolvable, nodes }) => [
        pod,
        String(number),
        plugin,
        reasons,
        isResolvable ? 'may help' : 'cannot help',
        nodes.includes('*') ? 'all others' : String(nodes.length),
        someOf(nodes),
      ]),
    ),
  );

/** A column a plugin: the score after normalisation, times its weight. */
function scoresTable(attempts: readonly Attempt[]): Table {
  const plugins = [
    ...new Set(attempts.flatMap(({ scores = [] }) => scores.flatMap(({ byPlugin }) => [...byPlugin.keys()]))),
  ];
  return table(
    'Scores',
    'Of the nodes that passed, best first: the score of each plugin from 0 to 100 and, after the weight, what it adds to the total.',
    ['pod', 'attempt', 'node', 'total', ...plugins],
    attempts.flatMap(({ pod, number, node: chosen, scores = [] }) =>
      scores.map(({ node, total, byPlugin }) => [
        pod,
        String(number),
        node === chosen ? `${node} (chosen)` : node,
        String(total),
        ...plugins.map((plugin) => {
          const score = byPlugin.get(plugin);
          return score === undefined ? '' : `${score.final} → ${score.weighted}`;
        }),
      ]),
    ),
  );
}

const someOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(' ')
    : `${names.slice(0, MOST_NAMES).join(' ')} and ${names.length - MOST_NAMES} more`;

function table(title: string, help: string, columns: readonly string[], rows: readonly (readonly string[])[]): Table {
  const left = rows.length - MOST_ROWS;
  const rest = left > 0 ? ` The first ${MOST_ROWS} rows; kubewhen explain tells of every pod.` : '';
  return { kind: 'table', title, help: `${help}${rest}`, columns, rows: rows.slice(0, MOST_ROWS) };
}
