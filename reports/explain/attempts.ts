import type { Micros, Recorded } from '../../engine/index.js';
import type { RowOf, Timelines } from '../sources/timelines.js';

/** Nodes that one plugin refused for the same reasons. */
export interface Refusal {
  readonly plugin: string;
  /** "Insufficient cpu, Insufficient memory", as in the event. */
  readonly reasons: string;
  /** Whether evicting pods could have changed it. */
  readonly isResolvable: boolean;
  /** '*' stands for all nodes that no other refusal names. */
  readonly nodes: readonly string[];
}

/** What a plugin gave a node: the score after normalisation, and that times its weight. */
export interface PluginScore {
  readonly final: number;
  readonly weighted: number;
}

export interface NodeScores {
  readonly node: string;
  readonly total: number;
  readonly byPlugin: ReadonlyMap<string, PluginScore>;
}

/** One attempt to place a pod, and why it came out as it did. */
export interface Attempt {
  readonly pod: string;
  readonly number: number;
  /** When it had ended: bound, or failed. */
  readonly at: Micros;
  readonly result: string;
  /** Chosen, or nominated; '' for none. */
  readonly node: string;
  readonly message: string;
  readonly evaluated: number;
  readonly feasible: number;
  /** Most nodes first; undefined when verdicts were not recorded. */
  readonly refusals: readonly Refusal[] | undefined;
  /** Best first; undefined when scores were not recorded, or there was no choice. */
  readonly scores: readonly NodeScores[] | undefined;
}

type AttemptTimelines = Pick<Timelines, 'scheduling' | 'scheduling-verdicts' | 'scheduling-scores'>;

/** Attempts in order of their end, joined with what was recorded of each. */
export function attemptsOf(timelines: AttemptTimelines): readonly Attempt[] {
  const verdicts = grouped(timelines['scheduling-verdicts'] ?? []);
  const scores = grouped(timelines['scheduling-scores'] ?? []);
  return (timelines.scheduling ?? []).map(({ at, row }) => {
    const key = keyOf(row);
    return {
      pod: row.pod,
      number: Number(row.attempt),
      at,
      result: row.result,
      node: row.node,
      message: row.reasons,
      evaluated: Number(row.evaluated),
      feasible: Number(row.feasible),
      refusals: timelines['scheduling-verdicts'] && refusalsOf(verdicts.get(key) ?? []),
      scores: scores.has(key) ? scoresOf(scores.get(key) ?? [], row.node) : undefined,
    };
  });
}

const keyOf = ({ pod, attempt }: { readonly pod: string; readonly attempt: number | '' }): string =>
  `${pod} ${attempt}`;

function grouped<Row extends { readonly pod: string; readonly attempt: number | '' }>(
  rows: readonly Recorded<Row>[],
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const { row } of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [row]);
    } else {
      group.push(row);
    }
  }
  return groups;
}

function refusalsOf(rows: readonly RowOf<'scheduling-verdicts'>[]): readonly Refusal[] {
  const groups = new Map<string, { readonly first: RowOf<'scheduling-verdicts'>; readonly nodes: string[] }>();
  for (const row of rows) {
    const key = `${row.plugin} ${row.code} ${row.reasons}`;
    const group = groups.get(key) ?? { first: row, nodes: [] };
    group.nodes.push(row.node);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ first, nodes }) => ({
      plugin: first.plugin,
      reasons: first.reasons,
      isResolvable: first.code === 'Unschedulable',
      nodes: nodes.sort(),
    }))
    .sort((a, b) => b.nodes.length - a.nodes.length || (a.reasons < b.reasons ? -1 : 1));
}

/** The chosen node stands first among equals. */
function scoresOf(rows: readonly RowOf<'scheduling-scores'>[], chosen: string): readonly NodeScores[] {
  const nodes = new Map<string, { total: number; readonly byPlugin: Map<string, PluginScore> }>();
  for (const { node, plugin, score, weight } of rows) {
    const entry = nodes.get(node) ?? { total: 0, byPlugin: new Map() };
    const weighted = Number(score);
    if (plugin === 'total') {
      entry.total = weighted;
    } else {
      entry.byPlugin.set(plugin, { final: weighted / Number(weight), weighted });
    }
    nodes.set(node, entry);
  }
  const rank = (node: string): number => (node === chosen ? 0 : 1);
  return [...nodes]
    .map(([node, { total, byPlugin }]) => ({ node, total, byPlugin }))
    .sort((a, b) => b.total - a.total || rank(a.node) - rank(b.node));
}
