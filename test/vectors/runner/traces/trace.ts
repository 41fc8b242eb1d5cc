import { readFileSync } from 'node:fs';

/** One line of a recorded timeline: an object as projected by the recorder, or a mark. `t` is seconds since the zero instant. */
export interface TraceLine {
  readonly t: number;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly event: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ACTION' | 'ZERO';
  readonly [field: string]: unknown;
}

export interface Trace {
  readonly scenario: string;
  /** Wall-clock time of the zero instant, Unix seconds. */
  readonly t0: number;
  readonly lines: readonly TraceLine[];
}

export function readTrace(path: string): Trace {
  const [first = '{}', ...rest] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const meta = JSON.parse(first) as { readonly scenario: string; readonly t0: string };
  const lines = rest.map((line) => JSON.parse(line) as TraceLine);
  return { scenario: meta.scenario, t0: Date.parse(meta.t0) / 1000, lines };
}

/** Seconds at which something was done to the cluster, in order. */
export const actionTimes = (lines: readonly TraceLine[]): readonly number[] =>
  lines.filter((line) => line.kind === 'Mark' && line.action !== 'kubectl-output').map((line) => line.t);
