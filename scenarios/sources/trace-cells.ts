import { type Micros, parseDuration, parseRfc3339 } from '../../engine/index.js';
import { amountOf, isExtendedResource, milliValueOf } from '../../models/api/index.js';
import type { Problem } from '../schema/errors.js';
import { describe } from '../schema/problems.js';
import { didYouMean } from '../schema/suggest.js';
import { type ColumnText, TIME_UNITS } from '../schema/trace.js';
import { type CsvFile, type CsvRow, rowProblem } from './csv-rows.js';

/** Mistakes kept word by word; the rest of a file full of them is counted. */
const KEPT_PROBLEMS = 1_000;

const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;
const NEGATIVE = /^-\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** As far as a double counts whole microseconds. */
const LATEST: Micros = Number.MAX_SAFE_INTEGER;

type Told = Pick<Problem, 'code' | 'message' | 'hint'>;

/** An instant of a trace: Micros from the trace's own zero, or of Unix time. */
export interface Instant {
  readonly at: number;
  readonly isDated: boolean;
}

/** Reads cells of a CSV file; keeps what is wrong with them, file:line, column, found, what fits. */
export class TraceCells {
  readonly file: CsvFile;
  readonly problems: Problem[] = [];
  #more = 0;
  #places: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Map<string, string | Told>>();

  constructor(file: CsvFile) {
    this.file = file;
    this.#places = new Map(file.columns.map((name, i) => [name, i]));
  }

  /** How many mistakes there are besides those kept. */
  get more(): number {
    return this.#more;
  }

  get isFaultless(): boolean {
    return this.problems.length === 0;
  }

  /** The place of a column; a missing one is a mistake of the first line, -1 then. */
  place(column: ColumnText | undefined): number {
    if (column === undefined) {
      return -1;
    }
    const name = nameOf(column);
    const place = this.#places.get(name);
    if (place === undefined) {
      const columns = this.file.columns.join(', ');
      this.#keep({
        code: 'MISSING_FIELD',
        file: this.file.path,
        position: { line: 1, column: 1 },
        message: `there is no column ${JSON.stringify(name)}; the columns are ${columns.length > 200 ? `${columns.slice(0, 200)}…` : columns}`,
        hint: this.file.columns.length > 20 ? undefined : nearest(name, this.file.columns),
      });
    }
    return place ?? -1;
  }

  /** Whether the row has as many cells as there are columns; else that is told. */
  fits(row: CsvRow): boolean {
    const [found, wanted] = [row.cells.length, this.file.columns.length];
    if (found === wanted) {
      return true;
    }
    this.tell(row, Math.min(found, wanted), {
      code: 'BAD_VALUE',
      message: `${found} cells in this row, ${wanted} columns in the header`,
    });
    return false;
  }

  /** An amount as Kubernetes writes it; undefined when the cell is empty or wrong. */
  amount(row: CsvRow, place: number, resource: string, unit: string | undefined): string | undefined {
    const cell = row.cells[place] as string;
    const known = this.#known.get(resource) ?? new Map<string, string | Told>();
    this.#known.set(resource, known);
    let read = known.get(cell);
    if (read === undefined) {
      read = readAmount(cell.trim(), resource, unit);
      known.set(cell, read);
    }
    if (typeof read === 'string') {
      return read === '' ? undefined : read;
    }
    this.tell(row, place, read);
    return undefined;
  }

  /** A time of the trace; undefined when the cell is empty or wrong. */
  instant(row: CsvRow, place: number, unit: string | undefined): Instant | undefined {
    const cell = (row.cells[place] as string).trim();
    if (cell === '') {
      return undefined;
    }
    const dated = unit === undefined ? parseRfc3339(cell.replace(' ', 'T')) : undefined;
    if (dated !== undefined) {
      return { at: dated, isDated: true };
    }
    const at = readTime(cell, unit);
    if (typeof at === 'number') {
      return { at, isDated: false };
    }
    this.tell(row, place, at);
    return undefined;
  }

  /** A stretch of time; undefined when the cell is empty or wrong. */
  duration(row: CsvRow, place: number, unit: string | undefined): Micros | undefined {
    const cell = (row.cells[place] as string).trim();
    if (cell === '') {
      return undefined;
    }
    const read = readTime(cell, unit);
    if (typeof read === 'number') {
      return read;
    }
    this.tell(row, place, read);
    return undefined;
  }

  tell(row: CsvRow, place: number, problem: Told): void {
    if (this.problems.length < KEPT_PROBLEMS) {
      this.#keep(rowProblem(this.file, row, place, problem));
    } else {
      this.#more++;
    }
  }

  #keep(problem: Problem): void {
    this.problems.push(problem);
  }
}

const nameOf = (column: ColumnText): string => (typeof column === 'string' ? column : column.column);
export const unitOf = (column: ColumnText | undefined): string | undefined =>
  typeof column === 'object' ? column.unit : undefined;

function nearest(name: string, columns: readonly string[]): string | undefined {
  const hint = didYouMean(name, columns);
  return hint?.startsWith('Did') ? hint : undefined;
}

const below = (cell: string): Told => ({
  code: 'BAD_QUANTITY',
  message: `${describe(cell)} is below zero`,
  hint: 'Expected 0 or more',
});

function readAmount(cell: string, resource: string, unit: string | undefined): string | Told {
  if (cell === '') {
    return '';
  }
  const quantity = `${cell}${unit ?? ''}`;
  if (NEGATIVE.test(cell)) {
    return below(cell);
  }
  if (unit !== undefined && !NUMBER.test(cell)) {
    return { code: 'BAD_QUANTITY', message: `${describe(cell)} is no number`, hint: `Expected a number of ${unit}` };
  }
  try {
    amountOf(quantity);
  } catch (error) {
    if (error instanceof RangeError) {
      const hint = 'Expected a quantity as Kubernetes writes it: 500m, 2, 16Gi';
      return { code: 'BAD_QUANTITY', message: `${describe(quantity)} is no quantity`, hint };
    }
    throw error;
  }
  const milli = milliValueOf(quantity);
  if (milli < 0) {
    return below(cell);
  }
  if (isExtendedResource(resource) && milli % 1000 !== 0) {
    const message = `${describe(cell)} is no whole number: ${resource} cannot be divided`;
    return { code: 'BAD_QUANTITY', message };
  }
  return milli === 0 ? '' : quantity;
}

function readTime(cell: string, unit: string | undefined): Micros | Told {
  if (NEGATIVE.test(cell)) {
    return { ...below(cell), code: 'BAD_DURATION' };
  }
  const at = NUMBER.test(cell)
    ? Math.round(Number(cell) * TIME_UNITS[(unit ?? 's') as keyof typeof TIME_UNITS])
    : unit === undefined
      ? goDuration(cell)
      : undefined;
  if (at === undefined) {
    const hint = unit
      ? `Expected a number of ${unit}`
      : 'Expected a number of seconds, a duration such as 90s, or a time such as 2026-01-01T00:00:00Z';
    return { code: 'BAD_DURATION', message: `${describe(cell)} is no time`, hint };
  }
  return at <= LATEST
    ? at
    : { code: 'BAD_DURATION', message: `${describe(cell)} is later than 285 years`, hint: 'Give the column its unit' };
}

function goDuration(cell: string): Micros | undefined {
  try {
    const read = parseDuration(cell);
    return read < 0 ? undefined : read;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
