import { type Micros, toSeconds } from '../../engine/index.js';
import { groupBy } from './group.js';
import { type Measure, type MeasuredRun, rowsOf } from './measure.js';
import { largest } from './quantile.js';

/** What clients of a port of a Service lost. */
export interface ClientErrors {
  /** "namespace/name:port" */
  readonly service: string;
  /** The share of new connections that failed, summed over time since it was answered first. */
  readonly lost: Micros;
}

/** By Service and port, for those that were ever answered. */
export function clientErrors(run: MeasuredRun): readonly ClientErrors[] {
  const byService = groupBy(rowsOf(run, 'routing'), ({ row }) => `${row.namespace}/${row.service}:${row.port}`);
  return [...byService].flatMap(([service, rows]) => {
    const first = rows.findIndex(({ row }) => Number(row.failing_share) < 1);
    if (first < 0) {
      return [];
    }
    const lost = rows.slice(first).reduce((sum, { at, row }, i) => {
      const next = rows[first + i + 1]?.at ?? run.endsAt;
      return sum + Number(row.failing_share) * (next - at);
    }, 0);
    return [{ service, lost }];
  });
}

/** Seconds of a whole outage that clients of the worst Service lost: half of the connections failing for 10 s counts as 5 s. */
export const clientErrorTime: Measure = {
  name: 'client_errors_s',
  unit: 'seconds',
  help: 'What clients of the worst Service lost since it answered first: the share of connections that failed, summed over time',
  reads: ['routing'],
  compute: (run) => {
    const worst = largest(clientErrors(run).map(({ lost }) => lost));
    return worst === undefined ? undefined : toSeconds(worst);
  },
};
