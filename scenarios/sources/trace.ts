import { type Micros, parseRfc3339 } from '../../engine/index.js';
import type { Kinds } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import type { Path } from '../schema/errors.js';
import { isRecord } from '../schema/shapes.js';
import type { TraceText } from '../schema/trace.js';
import { OPENB_PODS } from './openb.js';
import type { PodRows } from './pod-rows.js';
import { type PodTemplateText, readTemplate } from './pod-template.js';
import type { Reading } from './resolve.js';
import { readCsvPods } from './trace-csv.js';
import { readDumpedPods } from './trace-dump.js';

/** The pods of a trace, in order of their arrival. Objects are made when they are asked for. */
export interface TracePods {
  readonly count: number;
  arrivalOf(index: number): Micros;
  /** Infinity: until it is deleted. */
  durationOf(index: number): Micros;
  keyOf(index: number): string;
  podOf(index: number): Draft<Kinds['Pod']>;
  /** Those that pods live in, besides "default". */
  readonly namespaces: readonly string[];
}

/** Reads the file of a trace, row by row; every mistake is told, with its line and column. Undefined when there are any. */
export function readTrace(reading: Reading, text: TraceText, name: string, path: Path): TracePods | undefined {
  const mention = reading.at([...path, 'pods']);
  const template = readTemplate(reading, text.template as PodTemplateText | undefined, [...path, 'template']);
  const file = reading.pathOf(text.pods, mention);
  const rows = reading.problems.catch(() => {
    if (text.format === 'kubernetes') {
      return readDumpedPods(reading, file, mention, text.namespace);
    }
    const form = text.format === 'openb' ? OPENB_PODS : { columns: text.columns, header: text.header };
    return readCsvPods(reading, file, mention, form, { name, namespace: text.namespace ?? 'default', template });
  });
  if (rows === undefined) {
    return undefined;
  }
  const zero = zeroOf(reading, text, rows, path);
  return zero === undefined ? undefined : inOrder(rows, zero, text.speed ?? 1, text.ends ?? true);
}

/** The instant of the trace at which the run begins. */
function zeroOf(reading: Reading, { zero, format, ...text }: TraceText, rows: PodRows, path: Path): Micros | undefined {
  if (zero === undefined) {
    return rows.isDated ? rows.arrivals.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY) : 0;
  }
  const column = 'columns' in text && isRecord(text.columns.arrival) ? text.columns.arrival : undefined;
  const found = rows.isDated ? parseRfc3339(String(zero)) : rows.timeOf(zero, column?.unit);
  if (found === undefined) {
    const fits = rows.isDated ? 'a time such as 2026-01-01T00:00:00Z, as the file has' : 'a number, as the file has';
    reading.tell([...path, 'zero'], 'BAD_VALUE', `${JSON.stringify(zero)} is no time in this file: expected ${fits}`);
    return undefined;
  }
  const early = rows.arrivals.filter((at) => at < found).length;
  if (early > 0) {
    reading.tell([...path, 'zero'], 'BAD_VALUE', `${early} of ${rows.arrivals.length} pods arrive before ${zero}`);
    return undefined;
  }
  return found;
}

function inOrder(rows: PodRows, zero: Micros, speed: number, ends: boolean): TracePods {
  const { arrivals, durations } = rows;
  const order = arrivals.map((_, i) => i);
  if (arrivals.some((at, i) => i > 0 && at < (arrivals[i - 1] as Micros))) {
    order.sort((a, b) => (arrivals[a] as Micros) - (arrivals[b] as Micros) || a - b);
  }
  const rowOf = (index: number): number => order[index] as number;
  return {
    count: order.length,
    arrivalOf: (index) => Math.round(((arrivals[rowOf(index)] as Micros) - zero) / speed),
    durationOf: (index) => (ends ? Math.round((durations[rowOf(index)] as Micros) / speed) : Number.POSITIVE_INFINITY),
    keyOf: (index) => rows.keyOf(rowOf(index)),
    podOf: (index) => rows.podOf(rowOf(index)),
    namespaces: rows.namespaces,
  };
}
