import { type Problem, ScenarioError } from '../schema/errors.js';
import { didYouMean } from '../schema/suggest.js';
import { type Files, type Mention, readText } from './files.js';

/** The cells of one column of a CSV file with a header line, by RFC 4180. */
export function readColumn(files: Files, path: string, column: string, mention: Mention): readonly string[] {
  const [header = [], ...rows] = parseCsv(readText(files, path, mention));
  const at = header.indexOf(column);
  if (at < 0) {
    const message = `${path} has no column ${JSON.stringify(column)}`;
    throw new ScenarioError([{ code: 'UNKNOWN_FIELD', file: path, message, hint: didYouMean(column, header) }]);
  }
  const problems = rows.flatMap((row, i): Problem[] => {
    const missing = row[at] === undefined || row[at] === '';
    return missing
      ? [{ code: 'MISSING_FIELD', file: path, position: { line: i + 2, column: 1 }, message: `no value for ${column}` }]
      : [];
  });
  if (rows.length === 0) {
    problems.push({ code: 'FILE_EMPTY', file: path, message: 'no rows below the header' });
  }
  if (problems.length > 0) {
    throw new ScenarioError(problems);
  }
  return rows.map((row) => row[at] as string);
}

function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') {
      if (row.length > 1 || row[0] !== '') {
        rows.push(row);
      }
      row = [];
    }
  }
  return rows;
}
