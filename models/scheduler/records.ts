import type { Micros, Recorder, Timeline } from '../../engine/index.js';
import type { ScoreTable } from './framework/cycle.js';
import type { Diagnosis } from './framework/diagnosis.js';
import { messageOf } from './framework/status.js';
import type { QueuedPodInfo } from './queue/queued-pod-info.js';
import { SCHEDULING, SCORES, type SchedulingRow, type ScoreRow, VERDICTS, type VerdictRow } from './timelines.js';

/** What an attempt came to. */
export interface AttemptRecord {
  readonly result: SchedulingRow['result'];
  readonly node: string;
  readonly reasons: string;
  readonly evaluated: number;
  readonly feasible: number;
  readonly waited: Micros;
  readonly cycle: Micros;
  readonly bind: Micros;
}

/** The timelines of the scheduler; what nobody asked for costs nothing. */
export class SchedulingRecords {
  readonly #attempts: Timeline<SchedulingRow> | undefined;
  readonly #verdicts: Timeline<VerdictRow> | undefined;
  readonly #scores: Timeline<ScoreRow> | undefined;

  constructor(recorder: Recorder) {
    this.#attempts = recorder.open(SCHEDULING);
    this.#verdicts = recorder.open(VERDICTS);
    this.#scores = recorder.open(SCORES);
  }

  /** Verdicts or scores are recorded: cycles must keep them. */
  get wantsDetails(): boolean {
    return this.#scores !== undefined || this.#verdicts !== undefined;
  }

  attempt({ key, attempts }: QueuedPodInfo, record: AttemptRecord): void {
    const { result, node, reasons, evaluated, feasible, waited, cycle, bind } = record;
    this.#attempts?.append({
      pod: key,
      attempt: attempts,
      result,
      node,
      reasons,
      evaluated,
      feasible,
      waited_s: waited,
      cycle_s: cycle,
      bind_s: bind,
    });
  }

  verdicts({ key, attempts }: QueuedPodInfo, diagnosis: Diagnosis): void {
    const timeline = this.#verdicts;
    if (timeline === undefined) {
      return;
    }
    for (const [node, status] of diagnosis.statuses) {
      const { plugin, code } = status;
      timeline.append({ pod: key, attempt: attempts, node, plugin, code, reasons: messageOf(status) });
    }
    if (diagnosis.absentStatus !== undefined) {
      const { plugin, code } = diagnosis.absentStatus;
      const reasons = messageOf(diagnosis.absentStatus);
      timeline.append({ pod: key, attempt: attempts, node: '*', plugin, code, reasons });
    }
  }

  scores({ key, attempts }: QueuedPodInfo, { nodes, plugins, totals }: ScoreTable): void {
    const timeline = this.#scores;
    if (timeline === undefined) {
      return;
    }
    nodes.forEach((node, i) => {
      const row = { pod: key, attempt: attempts, node };
      for (const { plugin, weight, raw, weighted } of plugins) {
        timeline.append({ ...row, plugin, raw: raw[i] ?? 0, weight, score: weighted[i] ?? 0 });
      }
      const total = totals[i] ?? 0;
      timeline.append({ ...row, plugin: 'total', raw: total, weight: 1, score: total });
    });
  }
}
