import type { Micros, Recorded } from '../../engine/index.js';
import type { RowOf, TimelineName, Timelines } from '../sources/timelines.js';

/** What measures read of a run. */
export interface MeasuredRun {
  readonly endsAt: Micros;
  /** In order of time. */
  readonly faults: readonly StruckFault[];
  readonly timelines: Timelines;
}

/** What measures read of a fault; pods are namespace/name and include those on the nodes it struck. */
export interface StruckFault {
  readonly at: Micros;
  readonly healedAt?: Micros | undefined;
  /** Whether the containers it struck were dead at once, before anybody noticed. */
  readonly isDeadly: boolean;
  readonly nodes: readonly { readonly node: string }[];
  readonly pods: readonly StruckPod[];
}

export interface StruckPod {
  readonly pod: string;
  readonly replacedBy?: string | undefined;
  readonly replacementReadyAt?: Micros | undefined;
}

/** A figure of a run. */
export interface Measure {
  /** Its column in the results of a sweep; ends in its unit where it has one. */
  readonly name: string;
  readonly unit: 'seconds' | 'share' | 'count';
  readonly help: string;
  /** Timelines that must have been recorded. */
  readonly reads: readonly TimelineName[];
  /** Undefined when the run has no such figure: it did not come to that, or not before the run ended. */
  compute(run: MeasuredRun): number | undefined;
}

/** Rows of a timeline; none when it was not recorded. */
export const rowsOf = <Name extends TimelineName>(
  { timelines }: MeasuredRun,
  name: Name,
): readonly Recorded<RowOf<Name>>[] => timelines[name] ?? [];

export const podKey = ({ namespace, pod }: { readonly namespace: string; readonly pod: string }): string =>
  `${namespace}/${pod}`;

/** What struck first: a fault, or several that struck at the same instant. */
export interface Strike {
  readonly at: Micros;
  readonly nodes: readonly string[];
  readonly pods: readonly StruckPod[];
}

/** The first strike that hit nodes, or pods; undefined when none did. */
export function firstStrike({ faults }: MeasuredRun, hit: 'nodes' | 'pods'): Strike | undefined {
  const first = faults.find((fault) => fault[hit].length > 0);
  if (first === undefined) {
    return undefined;
  }
  const together = faults.filter(({ at }) => at === first.at);
  return {
    at: first.at,
    nodes: together.flatMap(({ nodes }) => nodes.map(({ node }) => node)),
    pods: together.flatMap(({ pods }) => pods),
  };
}
