/// <reference lib="dom" />
import type { Table } from '../page-data.js';
import { escape } from './escape.js';

/** Most rows put into the document at a time; the search looks at all. */
const ROWS_SHOWN = 500;

/** Fills the table of a section; words in the search box, in any order, must all stand in a row for it to stay. */
export function makeSearchable(section: HTMLElement, table: Table): void {
  const body = section.querySelector('tbody') as HTMLElement;
  const search = section.querySelector('input') as HTMLInputElement;
  const count = section.querySelector('.count') as HTMLElement;
  const styles = table.columns.map((_, i) => styleOf(table.rows.map((row) => row[i] ?? '')));
  const texts = table.rows.map((row) => row.join('\t').toLowerCase());
  const cell = (text: string, i: number): string => `<td class="${styles[i]}">${escape(text)}</td>`;
  const show = (): void => {
    const words = search.value.toLowerCase().split(/\s+/);
    const rows = table.rows.filter((_, i) => words.every((word) => texts[i]?.includes(word)));
    body.innerHTML = rows
      .slice(0, ROWS_SHOWN)
      .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
      .join('');
    const found = rows.length === 1 ? '1 row' : `${rows.length} rows`;
    count.textContent = rows.length > ROWS_SHOWN ? `first ${ROWS_SHOWN} of ${found}` : found;
  };
  section.querySelectorAll('th').forEach((heading, i) => {
    heading.className = styles[i] ?? '';
  });
  search.addEventListener('input', show);
  show();
}

/** Cells with more letters than this are broken into lines. */
const SHORT = 32;

/** Class of a column's cells, in the page's style. */
function styleOf(cells: readonly string[]): 'number' | 'short' | 'long' {
  if (cells.some((cell) => cell !== '') && cells.every((cell) => /^(-?[\d.]+)?$/.test(cell))) {
    return 'number';
  }
  return cells.every((cell) => cell.length <= SHORT) ? 'short' : 'long';
}
