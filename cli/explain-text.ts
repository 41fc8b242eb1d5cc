import Table from 'cli-table3';
import pc from 'picocolors';
import { toSeconds } from '../engine/index.js';
import type { Attempt, Explanation, Refusal } from '../reports/index.js';

/** More nodes than these are counted; the CSV files have all. */
const SHOWN_NODES = 20;
const SHOWN_NAMES = 6;

/** What kubewhen explain tells on the terminal. */
export function renderExplanation({ pod, attempts, missing }: Explanation): string {
  const count = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`;
  return [
    `${pc.bold(pod)}: ${count}`,
    ...attempts.flatMap((attempt) => ['', ...renderAttempt(attempt)]),
    ...(missing.length > 0
      ? ['', pc.dim(`Not recorded: ${missing.join(', ')}; add them to spec.record for more`)]
      : []),
  ].join('\n');
}

function renderAttempt(attempt: Attempt): readonly string[] {
  const { number, at, result, node, message, evaluated, feasible, refusals = [], scores } = attempt;
  const outcome = result === 'scheduled' ? `scheduled to ${node}` : result;
  const nominated = result !== 'scheduled' && node !== '' ? `, ${node} nominated` : '';
  return [
    pc.bold(`attempt ${number}, ended at ${toSeconds(at).toFixed(3)} s: ${outcome}${nominated}`),
    `  ${feasible} of ${evaluated} nodes looked at were feasible`,
    ...(message === '' ? [] : [`  ${message}`]),
    ...(refusals.length > 0 ? ['  refused:', indented(refusalsTable(refusals))] : []),
    ...(scores === undefined ? [] : ['  scores, after normalisation → times weight:', indented(scoresTable(attempt))]),
    ...(scores === undefined && result === 'scheduled' && feasible === 1
      ? ['  the only feasible node: no scores']
      : []),
  ];
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

function refusalsTable(refusals: readonly Refusal[]): string {
  const table = new Table({
    head: ['plugin', 'reasons', 'preemption', 'nodes', 'names'],
    style: { head: [], border: [], compact: true },
  });
  for (const { plugin, reasons, isResolvable, nodes } of refusals) {
    const count = nodes.includes('*') ? 'all others' : String(nodes.length);
    table.push([plugin, reasons, isResolvable ? 'may help' : 'cannot help', count, someOf(nodes)]);
  }
  return table.toString();
}

function someOf(nodes: readonly string[]): string {
  const names = nodes.filter((node) => node !== '*');
  const rest = names.length - SHOWN_NAMES;
  return [...names.slice(0, SHOWN_NAMES), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

function scoresTable({ scores = [], node: chosen }: Attempt): string {
  const plugins = [...new Set(scores.flatMap(({ byPlugin }) => [...byPlugin.keys()]))];
  const table = new Table({
    head: ['node', 'total', ...plugins.map(folded)],
    style: { head: [], border: [], compact: true },
  });
  const shown = scores.slice(0, SHOWN_NODES);
  for (const { node, total, byPlugin } of shown) {
    const cells = plugins.map((plugin) => {
      const score = byPlugin.get(plugin);
      return score === undefined ? '' : `${score.final} → ${score.weighted}`;
    });
    table.push([node === chosen ? `${node} (chosen)` : node, String(total), ...cells]);
  }
  const rest = scores.length - shown.length;
  return rest > 0 ? `${table.toString()}\n… and ${rest} more nodes in scheduling-scores.csv` : table.toString();
}

/** "NodeResourcesFit" on three lines, so that many plugins find room beside each other. */
const folded = (plugin: string): string => plugin.replace(/(?<=[a-z])(?=[A-Z])/g, '\n');
