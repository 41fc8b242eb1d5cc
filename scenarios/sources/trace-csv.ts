import type { Micros } from '../../engine/index.js';
import { isExtendedResource, type Kinds } from '../../models/api/index.js';
import { type Problem, ScenarioError } from '../schema/errors.js';
import { type ColumnText, type PodColumnsText, TIME_UNITS } from '../schema/trace.js';
import { isLabelValue, isObjectName } from '../schema/values.js';
import { WORKLOAD_LABEL } from '../workloads/label.js';
import { type CsvRow, openCsv } from './csv-rows.js';
import type { Files, Mention } from './files.js';
import { type PodForm, PodRows } from './pod-rows.js';
import type { PodTemplate } from './pod-template.js';
import type { Reading } from './resolve.js';
import { TraceCells, unitOf } from './trace-cells.js';

/** How a CSV file is read. */
export interface CsvForm<Columns> {
  readonly columns: Columns;
  readonly header?: readonly string[] | undefined;
  /** What several cells say together. */
  readonly derived?: {
    readonly columns: readonly string[];
    read(cells: readonly string[]): Derived | WrongCell;
  };
}

export interface Derived {
  readonly requests: Readonly<Record<string, string>>;
  /** A label that the pod's node must have, and the values that fit. */
  readonly nodeLabel?: { readonly key: string; readonly values: readonly string[] };
}

export interface WrongCell extends Pick<Problem, 'code' | 'message' | 'hint'> {
  /** Its place in `columns`. */
  readonly wrong: number;
}

/** What pods of a trace have besides what their rows say. */
export interface PodsOfTrace {
  readonly name: string;
  readonly namespace: string;
  readonly template: PodTemplate;
}

/** The amounts of a row and the label of nodes that fit; texts, so that rows that ask for the same share one form. */
interface Asked extends Derived {
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads pods from a CSV file. @throws ScenarioError with every mistake, each at its line and column. */
export function readCsvPods(
  reading: Reading,
  path: string,
  mention: Mention,
  form: CsvForm<PodColumnsText>,
  pods: PodsOfTrace,
): PodRows {
  const rows = new PodRows((text, unit) => timeOf(text, unit));
  const reader = new PodReader(openTable(reading.files, path, mention, form.header), form, pods, rows);
  reader.readAll();
  return rows;
}

/** Opens the file; a file without a header or rows is a mistake of its own. */
export function openTable(
  files: Files,
  path: string,
  mention: Mention,
  header: readonly string[] | undefined,
): TraceCells {
  return new TraceCells(openCsv(files, path, mention, header));
}

/** Throws what is wrong with a file that has been read. */
export function refuseFaulty(cells: TraceCells, rowCount: number): void {
  if (cells.isFaultless && rowCount === 0) {
    cells.problems.push({ code: 'FILE_EMPTY', file: cells.file.path, message: 'no rows below the header' });
  }
  if (!cells.isFaultless) {
    throw new ScenarioError(cells.problems, cells.more);
  }
}

function timeOf(text: string | number, unit: string | undefined): Micros | undefined {
  const at = Number(text) * TIME_UNITS[(unit ?? 's') as keyof typeof TIME_UNITS];
  return String(text).trim() !== '' && at >= 0 && at <= Number.MAX_SAFE_INTEGER ? Math.round(at) : undefined;
}

class PodReader {
  readonly #cells: TraceCells;
  readonly #form: CsvForm<PodColumnsText>;
  readonly #pods: PodsOfTrace;
  readonly #rows: PodRows;
  readonly #names = new Set<string>();
  readonly #places: Readonly<Record<'name' | 'arrival' | 'duration' | 'start' | 'end', number>>;
  readonly #requests: readonly {
    readonly resource: string;
    readonly place: number;
    readonly unit: string | undefined;
  }[];
  readonly #labels: readonly { readonly key: string; readonly place: number }[];
  readonly #derived: readonly number[];

  constructor(cells: TraceCells, form: CsvForm<PodColumnsText>, pods: PodsOfTrace, rows: PodRows) {
    this.#cells = cells;
    this.#form = form;
    this.#pods = pods;
    this.#rows = rows;
    const { name, arrival, duration, start, end, requests = {}, labels = {} } = form.columns;
    const place = (column: ColumnText | undefined): number => cells.place(column);
    this.#places = {
      name: place(name),
      arrival: place(arrival),
      duration: place(duration),
      start: place(start),
      end: place(end),
    };
    this.#requests = Object.entries(requests).map(([resource, column]) => ({
      resource,
      place: place(column),
      unit: unitOf(column),
    }));
    this.#labels = Object.entries(labels).map(([key, column]) => ({ key, place: place(column) }));
    this.#derived = form.derived?.columns.map(place) ?? [];
  }

  readAll(): void {
    if (this.#cells.isFaultless) {
      for (const row of this.#cells.file.rows) {
        if (this.#cells.fits(row)) {
          this.#read(row);
        }
      }
    }
    refuseFaulty(this.#cells, this.#rows.arrivals.length);
  }

  #read(row: CsvRow): void {
    const name = this.#name(row);
    const arrival = this.#arrival(row);
    const duration = arrival === undefined ? 0 : this.#duration(row, arrival);
    const requests = this.#amounts(row);
    const labels = this.#labelValues(row);
    const derived = this.#derive(row);
    if (this.#cells.isFaultless && name !== undefined && arrival !== undefined && duration !== undefined) {
      const asked: Asked = { ...derived, requests: { ...requests, ...derived.requests }, labels };
      const form = this.#rows.form(JSON.stringify(asked), () => podForm(this.#pods, asked));
      this.#rows.add(name, arrival, duration, form);
    }
  }

  #name(row: CsvRow): string | undefined {
    const { name: place } = this.#places;
    if (place < 0) {
      return `${this.#pods.name}-${this.#rows.arrivals.length}`;
    }
    const name = row.cells[place] as string;
    if (!isObjectName(name) || name === '') {
      const message = `${JSON.stringify(name)} is no object name: lower-case letters, digits, "-" and "."`;
      const hint = `Leave columns.name out, and pods are called ${this.#pods.name}-0, ${this.#pods.name}-1, …`;
      this.#cells.tell(row, place, { code: 'BAD_VALUE', message, hint });
      return undefined;
    }
    if (this.#names.has(name)) {
      this.#cells.tell(row, place, { code: 'DUPLICATE_NAME', message: `there is a pod ${name} already` });
    }
    this.#names.add(name);
    return name;
  }

  #arrival(row: CsvRow): Micros | undefined {
    const { arrival: place } = this.#places;
    const found = this.#cells.instant(row, place, unitOf(this.#form.columns.arrival));
    if (found === undefined) {
      if (row.cells[place]?.trim() === '') {
        this.#cells.tell(row, place, { code: 'MISSING_FIELD', message: 'no arrival: expected a time' });
      }
      return undefined;
    }
    if (this.#rows.arrivals.length === 0) {
      this.#rows.isDated = found.isDated;
    } else if (found.isDated !== this.#rows.isDated) {
      const before = this.#rows.isDated ? 'dates' : 'numbers';
      this.#cells.tell(row, place, { code: 'BAD_VALUE', message: `the rows before have ${before}, this one has not` });
    }
    return found.at;
  }

  #duration(row: CsvRow, arrival: Micros): Micros | undefined {
    const { duration, start, end } = this.#places;
    const { columns } = this.#form;
    if (duration >= 0) {
      return this.#cells.duration(row, duration, unitOf(columns.duration)) ?? Number.POSITIVE_INFINITY;
    }
    if (end < 0) {
      return Number.POSITIVE_INFINITY;
    }
    const from = start < 0 ? undefined : this.#cells.instant(row, start, unitOf(columns.start))?.at;
    const to = this.#cells.instant(row, end, unitOf(columns.end))?.at;
    if (to === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    if (to < (from ?? arrival)) {
      const what = from === undefined ? 'arrives' : 'starts';
      const other = row.cells[from === undefined ? this.#places.arrival : start];
      const message = `the pod ends at ${row.cells[end]}, before it ${what} at ${other}`;
      this.#cells.tell(row, end, { code: 'BAD_VALUE', message });
      return undefined;
    }
    return to - (from ?? arrival);
  }

  #amounts(row: CsvRow): Readonly<Record<string, string>> {
    const requests: Record<string, string> = {};
    for (const { resource, place, unit } of this.#requests) {
      const amount = this.#cells.amount(row, place, resource, unit);
      if (amount !== undefined) {
        requests[resource] = amount;
      }
    }
    return requests;
  }

  #labelValues(row: CsvRow): Readonly<Record<string, string>> {
    const labels: Record<string, string> = {};
    for (const { key, place } of this.#labels) {
      const value = row.cells[place] as string;
      if (!isLabelValue(value)) {
        this.#cells.tell(row, place, { code: 'BAD_VALUE', message: `${JSON.stringify(value)} is no label value` });
      } else if (value !== '') {
        labels[key] = value;
      }
    }
    return labels;
  }

  #derive(row: CsvRow): Derived {
    const read = this.#form.derived?.read(this.#derived.map((place) => row.cells[place] as string));
    if (read !== undefined && 'wrong' in read) {
      this.#cells.tell(row, this.#derived[read.wrong] as number, read);
      return { requests: {} };
    }
    return read ?? { requests: {} };
  }
}

function podForm({ name, namespace, template }: PodsOfTrace, { requests, nodeLabel, labels }: Asked): PodForm {
  const { metadata, spec } = template;
  const limits = Object.fromEntries(Object.entries(requests).filter(([resource]) => isExtendedResource(resource)));
  const [first, ...others] = spec.containers;
  const main = {
    ...(first as (typeof spec.containers)[number]),
    resources: { requests, ...(Object.keys(limits).length > 0 && { limits }) },
  };
  return {
    namespace,
    labels: { ...metadata.labels, ...labels, [WORKLOAD_LABEL]: name },
    ...(metadata.annotations && { annotations: metadata.annotations }),
    spec: { ...spec, containers: [main, ...others], ...(nodeLabel && { affinity: nodeAffinity(nodeLabel) }) },
  };
}

const nodeAffinity = ({ key, values }: NonNullable<Derived['nodeLabel']>): Kinds['Pod']['spec']['affinity'] => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [...values] }] }],
    },
  },
});
