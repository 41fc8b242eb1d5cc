import type { NodeTemplate } from '../../models/cluster.js';
import type { Path } from '../schema/errors.js';
import type { NodeColumnsText, TraceNodesText } from '../schema/trace.js';
import { isLabelValue, isObjectName } from '../schema/values.js';
import type { CsvRow } from './csv-rows.js';
import type { Mention } from './files.js';
import { DEFAULT_CAPACITY } from './nodes.js';
import { OPENB_NODES } from './openb.js';
import type { Reading } from './resolve.js';
import type { TraceCells } from './trace-cells.js';
import { unitOf } from './trace-cells.js';
import { type CsvForm, openTable, refuseFaulty } from './trace-csv.js';
import { readDumpedNodes } from './trace-dump.js';

/** The machines of a trace. */
export function readTraceNodes(reading: Reading, text: TraceNodesText, path: Path): readonly NodeTemplate[] {
  const mention = reading.at([...path, 'nodes']);
  const file = reading.pathOf(text.nodes, mention);
  const nodes = reading.problems.catch(() => {
    if (text.format === 'kubernetes') {
      return readDumpedNodes(reading, file, mention);
    }
    const form = text.format === 'openb' ? OPENB_NODES : { columns: text.columns, header: text.header };
    return readCsvNodes(reading, file, mention, form);
  });
  return nodes ?? [];
}

function readCsvNodes(
  reading: Reading,
  path: string,
  mention: Mention,
  { columns, header }: CsvForm<NodeColumnsText>,
): readonly NodeTemplate[] {
  const cells = openTable(reading.files, path, mention, header);
  const [name, pool] = [cells.place(columns.name), cells.place(columns.pool)];
  const capacity = Object.entries(columns.capacity).map(
    ([resource, column]) => [resource, cells.place(column), unitOf(column)] as const,
  );
  const labels = Object.entries(columns.labels ?? {}).map(([key, column]) => [key, cells.place(column)] as const);
  const nodes: NodeTemplate[] = [];
  const names = new Set<string>();
  for (const row of cells.isFaultless ? cells.file.rows : []) {
    if (cells.fits(row)) {
      checkName(cells, row, name, names);
      const amounts = capacity.flatMap(([resource, place, unit]) => {
        const amount = cells.amount(row, place, resource, unit);
        return amount === undefined ? [] : [[resource, amount] as const];
      });
      nodes.push({
        name: row.cells[name] as string,
        pool: row.cells[pool] ?? '',
        taints: [],
        labels: labelsOf(cells, row, labels),
        capacity: { ...DEFAULT_CAPACITY, ...Object.fromEntries(amounts) },
      });
    }
  }
  refuseFaulty(cells, nodes.length);
  return nodes;
}

function checkName(cells: TraceCells, row: CsvRow, place: number, names: Set<string>): void {
  const name = row.cells[place] as string;
  if (name === '' || !isObjectName(name)) {
    const message = `${JSON.stringify(name)} is no object name: lower-case letters, digits, "-" and "."`;
    cells.tell(row, place, { code: 'BAD_VALUE', message });
  } else if (names.has(name)) {
    cells.tell(row, place, { code: 'DUPLICATE_NAME', message: `there is a node ${name} already` });
  }
  names.add(name);
}

function labelsOf(
  cells: TraceCells,
  row: CsvRow,
  places: readonly (readonly [key: string, place: number])[],
): Readonly<Record<string, string>> {
  const found = places.map(([key, place]) => [key, row.cells[place] as string, place] as const);
  for (const [, value, place] of found) {
    if (!isLabelValue(value)) {
      cells.tell(row, place, { code: 'BAD_VALUE', message: `${JSON.stringify(value)} is no label value` });
    }
  }
  return Object.fromEntries(found.filter(([, value]) => value !== '').map(([key, value]) => [key, value]));
}
