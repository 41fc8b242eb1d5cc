import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { type Column, type Micros, type Timeline, type TimelineSink, type TimelineSpec } from '../../engine/index.js';
import { formatAt, rfc3339 } from './times.js';

/** Rows held back before they are written in one go. */
const ROWS_PER_BATCH = 1000;

export interface CsvSinkOptions {
  readonly folder: string;
  readonly now: () => Micros;
  /** Unix seconds of virtual time zero. */
  readonly startTime: number;
}

/** One CSV file a timeline, written as the run goes: at_s first, then time in RFC 3339, then the timeline's own columns. */
export class CsvSink implements TimelineSink {
  readonly #options: CsvSinkOptions;
  readonly #files: CsvFile[] = [];

  constructor(options: CsvSinkOptions) {
    this.#options = options;
  }

  open<Row>(spec: TimelineSpec<Row>): Timeline<Row> {
    const columns = Object.entries(spec.columns) as [keyof Row & string, Column][];
    const file = new CsvFile(join(this.#options.folder, `${spec.name}.csv`), [
      'at_s',
      'time',
      ...columns.map(([name]) => name),
    ]);
    this.#files.push(file);
    const { now, startTime } = this.#options;
    return {
      append: (row) => {
        const at = now();
        file.append([
          formatAt(at),
          rfc3339(at, startTime),
          ...columns.map(([name, { type }]) => cell(type, row[name], startTime)),
        ]);
      },
    };
  }

  /** Writes what is held back and closes the files. */
  close(): void {
    for (const file of this.#files) {
      file.close();
    }
    this.#files.length = 0;
  }
}

/** Times and durations as seconds with as many digits as they have; nothing for what is not there. */
function cell(type: Column['type'], value: unknown, startTime: number): string {
  if (value === undefined || value === null) {
    return '';
  }
  switch (type) {
    case 'duration':
      return formatAt(value as Micros);
    case 'time':
      return rfc3339(value as Micros, startTime);
    default:
      return String(value);
  }
}

class CsvFile {
  readonly #descriptor: number;
  #rows: (readonly string[])[] = [];

  constructor(path: string, header: readonly string[]) {
    this.#descriptor = openSync(path, 'w');
    this.append(header);
  }

  append(row: readonly string[]): void {
    this.#rows.push(row);
    if (this.#rows.length >= ROWS_PER_BATCH) {
      this.#flush();
    }
  }

  close(): void {
    try {
      this.#flush();
      fsyncSync(this.#descriptor);
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #flush(): void {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length > 0) {
      writeAll(this.#descriptor, stringify(rows as string[][]));
    }
  }
}

/** A disk that is nearly full takes a part and refuses the rest at the next call. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written);
  }
}

/** A whole table as CSV, its header first. */
export const stringifyRows = (rows: readonly (readonly string[])[]): string => stringify(rows as string[][]);
