import type { Micros, Recorded } from '../../engine/index.js';
import type { RowOf } from '../sources/timelines.js';
import { podKey, rowsOf } from './measure.js';
import { oncePerRun } from './once-per-run.js';

export type PodRow = RowOf<'pods'>;

/** One pod from its creation to its deletion. A pod of the same name created later is another. */
export interface PodHistory {
  /** namespace/name */
  readonly pod: string;
  readonly rows: readonly Recorded<PodRow>[];
  /** When it was created; the first row even where the timeline begins later. */
  readonly from: Micros;
  /** When it was gone from the API, or the end of the run. */
  readonly to: Micros;
}

/** Pods in the order of their creation. */
export const podHistories = oncePerRun((run): readonly PodHistory[] => {
  const found: { pod: string; rows: Recorded<PodRow>[]; from: Micros; to: Micros }[] = [];
  const living = new Map<string, (typeof found)[number]>();
  for (const recorded of rowsOf(run, 'pods')) {
    const pod = podKey(recorded.row);
    let history = living.get(pod);
    if (history === undefined) {
      history = { pod, rows: [], from: recorded.at, to: run.endsAt };
      living.set(pod, history);
      found.push(history);
    }
    history.rows.push(recorded);
    if (recorded.row.change === 'deleted') {
      history.to = recorded.at;
      living.delete(pod);
    }
  }
  return found;
});

/** Whether the pod leaves for good from this row on: its deletion has begun, or a kubelet has evicted it. */
export const isLeaving = ({ change, deleting, phase, reason }: PodRow): boolean =>
  change === 'deleted' || deleting === 'true' || (phase === 'Failed' && reason === 'Evicted');
