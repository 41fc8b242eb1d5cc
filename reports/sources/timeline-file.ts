import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { MICROS_PER_SECOND, type Recorded } from '../../engine/index.js';
import { CsvParser } from './csv-parser.js';
import { ResultsError } from './results-error.js';
import { READ_COLUMNS, type RowOf, type TimelineName } from './timelines.js';

/** Bytes read at a time. */
const CHUNK = 1 << 20;

const AT = 'at_s';

/**
 * Reads the columns that reports need of a timeline's CSV file.
 * @param keeps rows that are wanted, asked of each in order; none: all
 * @throws ResultsError for a file that was cut off, lacks a column or holds something that no run writes.
 */
export function readTimeline<Name extends TimelineName>(
  path: string,
  name: Name,
  keeps: (row: RowOf<Name>) => boolean = () => true,
): readonly Recorded<RowOf<Name>>[] {
  const rows: Recorded<RowOf<Name>>[] = [];
  let reader: RowReader<Name> | undefined;
  const parser = new CsvParser(path, (fields, line) => {
    if (reader === undefined) {
      reader = new RowReader(path, name, fields);
    } else {
      const row = reader.read(fields, line);
      if (keeps(row.row)) {
        rows.push(row);
      }
    }
  });
  readText(path, (text) => parser.push(text));
  parser.end();
  if (reader === undefined) {
    throw new ResultsError({ file: path, line: 1 }, 'the file is empty; a timeline begins with a line of column names');
  }
  return rows;
}

/** The records of a CSV file, the line of column names first; all of one length. */
export function readRecords(path: string): readonly (readonly string[])[] {
  const records: (readonly string[])[] = [];
  const parser = new CsvParser(path, (fields, line) => {
    checkLength(path, line, fields, (records[0] ?? fields).length);
    records.push(fields);
  });
  readText(path, (text) => parser.push(text));
  parser.end();
  if (records.length === 0) {
    throw new ResultsError({ file: path, line: 1 }, 'the file is empty; results begin with a line of column names');
  }
  return records;
}

function readText(path: string, onText: (text: string) => void): void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunk = Buffer.alloc(CHUNK);
  if (!existsSync(path)) {
    throw new ResultsError({ file: path }, 'this file is missing from the results');
  }
  const descriptor = openSync(path, 'r');
  try {
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      onText(decoder.decode(chunk.subarray(0, count), { stream: true }));
    }
    onText(decoder.decode());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new ResultsError({ file: path }, 'this is not UTF-8 text');
    }
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function checkLength(file: string, line: number, fields: readonly string[], length: number): void {
  if (fields.length !== length) {
    throw new ResultsError({ file, line }, `${fields.length} fields, but the first line names ${length} columns`);
  }
}

interface WantedColumn {
  readonly name: string;
  readonly index: number;
  readonly type: 'text' | 'number';
}

/** Turns records into rows, by the places that the line of column names gives. */
class RowReader<Name extends TimelineName> {
  readonly #path: string;
  readonly #length: number;
  readonly #wanted: readonly WantedColumn[];
  readonly #at: WantedColumn;
  /** Each text once: names come in thousands of rows. */
  readonly #known = new Map<string, string>();
  #last = Number.NEGATIVE_INFINITY;

  constructor(path: string, name: Name, header: readonly string[]) {
    this.#path = path;
    this.#length = header.length;
    const find = (column: string, type: WantedColumn['type']): WantedColumn => {
      const index = header.indexOf(column);
      if (index < 0) {
        const finding = `there is no column ${column}; the first line has ${header.join(', ')}`;
        throw new ResultsError({ file: path, line: 1 }, finding);
      }
      return { name: column, index, type };
    };
    this.#at = find(AT, 'number');
    this.#wanted = Object.entries(READ_COLUMNS[name]).map(([column, type]) => find(column, type));
  }

  read(fields: readonly string[], line: number): Recorded<RowOf<Name>> {
    checkLength(this.#path, line, fields, this.#length);
    const at = Math.round((this.#number(fields, this.#at, line) as number) * MICROS_PER_SECOND);
    if (at < this.#last) {
      throw new ResultsError(
        { file: this.#path, line },
        `${AT} goes back to ${fields[this.#at.index]}; rows are in order`,
      );
    }
    this.#last = at;
    const row: Record<string, string | number> = {};
    for (const column of this.#wanted) {
      row[column.name] = column.type === 'text' ? this.#text(fields, column) : this.#number(fields, column, line);
    }
    return { at, row: row as RowOf<Name> };
  }

  #text(fields: readonly string[], { index }: WantedColumn): string {
    const text = fields[index] as string;
    const known = this.#known.get(text);
    if (known === undefined) {
      this.#known.set(text, text);
    }
    return known ?? text;
  }

  #number(fields: readonly string[], { name, index }: WantedColumn, line: number): number | '' {
    const text = fields[index] as string;
    if (text === '' && name !== AT) {
      return '';
    }
    if (!/^-?\d+(\.\d+)?$/.test(text)) {
      throw new ResultsError({ file: this.#path, line }, `${name} is a number, not ${JSON.stringify(text)}`);
    }
    return Number(text);
  }
}
