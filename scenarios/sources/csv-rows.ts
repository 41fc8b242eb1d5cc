import { type Problem, ScenarioError } from '../schema/errors.js';
import { type Files, type Mention, readLines } from './files.js';

/** A record of a CSV file, by RFC 4180. */
export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly text: string;
}

/** A CSV file that is read in pieces. */
export interface CsvFile {
  readonly path: string;
  readonly columns: readonly string[];
  /** Can be gone through once. */
  readonly rows: Iterable<CsvRow>;
}

/** A quoted field may run over lines; one that runs so far was never closed. */
const LONGEST_RECORD = 1024 * 1024;

/** Opens a file whose first record names the columns, or one without it, when `header` does. @throws ScenarioError */
export function openCsv(files: Files, path: string, mention: Mention, header?: readonly string[]): CsvFile {
  const rows = records(path, readLines(files, path, mention));
  if (header !== undefined) {
    return { path, rows, columns: header };
  }
  const first = rows.next();
  const columns = first.done ? [] : first.value.cells.map((name) => name.trim());
  return { path, rows, columns };
}

function* records(path: string, lines: Iterable<string>): Generator<CsvRow, undefined> {
  let number = 0;
  let open: { readonly line: number; text: string } | undefined;
  for (const line of lines) {
    number++;
    if (open === undefined && !line.includes('"')) {
      if (line !== '') {
        yield { line: number, cells: line.split(','), text: line };
      }
      continue;
    }
    open = open === undefined ? { line: number, text: line } : { line: open.line, text: `${open.text}\n${line}` };
    if (isClosed(open.text)) {
      yield { ...open, cells: cellsOf(open.text).map(({ value }) => value) };
      open = undefined;
    } else if (open.text.length > LONGEST_RECORD) {
      break;
    }
  }
  if (open !== undefined) {
    const column = open.text.indexOf('"') + 1;
    throw new ScenarioError([
      { code: 'BAD_VALUE', file: path, position: { line: open.line, column }, message: 'a quote that is never closed' },
    ]);
  }
}

function isClosed(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    count++;
  }
  return count % 2 === 0;
}

const CELL = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/y;

function cellsOf(text: string): readonly { readonly value: string; readonly at: number }[] {
  const cells: { value: string; at: number }[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex <= text.length) {
    const at = CELL.lastIndex;
    const match = CELL.exec(text);
    if (match === null) {
      cells.push({ value: text.slice(at), at }); // letters after a closing quote: kept as they are, for the message
      return cells;
    }
    cells.push({ value: match[1] === undefined ? (match[2] as string) : match[1].replaceAll('""', '"'), at });
    if (match[3] === '') {
      return cells;
    }
  }
  return cells;
}

/** Something wrong in a row, at the line and column of the cell. */
export function rowProblem(
  file: CsvFile,
  row: CsvRow,
  cell: number,
  problem: Pick<Problem, 'code' | 'message' | 'hint'>,
): Problem {
  const before = row.text.slice(0, cellsOf(row.text)[cell]?.at ?? row.text.length);
  const lines = before.split('\n');
  const position = { line: row.line + lines.length - 1, column: (lines.at(-1) as string).length + 1 };
  const path = file.columns[cell];
  return { ...problem, file: file.path, position, ...(path !== undefined && { path }) };
}
