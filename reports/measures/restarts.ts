import type { Micros } from '../../engine/index.js';
import { type Measure, type MeasuredRun, podKey, rowsOf } from './measure.js';

/** A container that was started again: how often at once (more than one when statuses were skipped). */
export interface Restart {
  readonly at: Micros;
  /** namespace/name */
  readonly pod: string;
  readonly container: string;
  readonly times: number;
}

/** Every growth of a restart count, in order of time. A pod of the same name created later begins anew. */
export function restartsOf(run: MeasuredRun): readonly Restart[] {
  const counts = new Map<string, number>();
  return rowsOf(run, 'containers').flatMap(({ at, row }) => {
    const pod = podKey(row);
    const key = `${pod}/${row.container}`;
    const before = counts.get(key) ?? 0;
    const count = row.state === 'deleted' ? 0 : Number(row.restart_count);
    counts.set(key, count);
    return count > before ? [{ at, pod, container: row.container, times: count - before }] : [];
  });
}

/** How often containers were restarted in place, all pods together; a replaced pod is no restart. */
export const restarts: Measure = {
  name: 'restarts',
  unit: 'count',
  help: 'Restarts of containers in place, all pods together',
  reads: ['containers'],
  compute: (run) => restartsOf(run).reduce((sum, { times }) => sum + times, 0),
};
