import { availabilityByService } from '../measures/availability.js';
import { MEASURES, measure } from '../measures/index.js';
import type { MeasuredRun } from '../measures/measure.js';
import { rowsOf } from '../measures/measure.js';
import { formatAt } from '../sinks/times.js';
import type { ActionLine, Setting, Verdict } from '../sources/run-summary.js';
import type { Table } from './page-data.js';

/** A page with more would take long to load; the CSV file has all. */
const MOST_EVENTS = 10_000;

export function figuresTable(run: MeasuredRun): Table {
  const figures = measure(run);
  const shown = MEASURES.flatMap(({ name, help }) => {
    const value = figures[name];
    return value === undefined ? [] : [[name, shortNumber(value), help]];
  });
  return {
    kind: 'table',
    title: 'Figures',
    help: 'What a sweep compares. A figure that this run does not have is left out.',
    columns: ['figure', 'value', 'meaning'],
    rows: shown,
  };
}

/** The Services that were worse off first; undefined when there are none. */
export function availabilityTable(run: MeasuredRun): Table | undefined {
  const services = availabilityByService(run).toSorted((a, b) => a.whole - b.whole || a.reachable - b.reachable);
  if (services.length === 0) {
    return undefined;
  }
  return {
    kind: 'table',
    title: 'Availability',
    help: 'Share of the time in which a Service had all the endpoints it should have, and at least one.',
    columns: ['service', 'endpoints', 'all of them', 'at least one'],
    rows: services.map(({ service, wanted, whole, reachable }) => [
      service,
      String(wanted),
      shortNumber(whole),
      shortNumber(reachable),
    ]),
  };
}

/** At most six decimal places, no trailing zeros. */
const shortNumber = (value: number): string => String(Number(value.toFixed(6)));

export function eventsTable(run: MeasuredRun): Table {
  const events = rowsOf(run, 'events');
  const shown = events.slice(0, MOST_EVENTS);
  const left = events.length - shown.length;
  return {
    kind: 'table',
    title: 'Events',
    help: `As kubectl get events shows them.${left > 0 ? ` The first ${shown.length}; ${left} more are in events.csv.` : ''}`,
    columns: ['at_s', 'namespace', 'type', 'reason', 'object', 'message', 'count', 'from'],
    rows: shown.map(({ at, row }) => [
      formatAt(at),
      row.namespace,
      row.type,
      row.reason,
      `${row.kind.toLowerCase()}/${row.object}`,
      row.message,
      String(row.count),
      row.component,
    ]),
  };
}

export const settingsTable = (settings: readonly Setting[]): Table => ({
  kind: 'table',
  title: 'Settings',
  help: 'What was in force: set by the scenario, which stands first, or the default of its Kubernetes version.',
  columns: ['component', 'setting', 'value', 'from'],
  rows: settings
    .toSorted((a, b) => Number(b.isGiven) - Number(a.isGiven))
    .map(({ component, name, value, isGiven }) => [component, name, value, isGiven ? 'scenario' : 'default']),
});

export const actionsTable = (actions: readonly ActionLine[]): Table => ({
  kind: 'table',
  title: 'Actions',
  help: 'What was done to the cluster, as kubectl would have answered.',
  columns: ['at_s', 'outcome', 'line'],
  rows: actions.map(({ at, line, failed }) => [formatAt(at), failed ? 'failed' : 'done', line]),
});

export const expectationsTable = (verdicts: readonly Verdict[]): Table => ({
  kind: 'table',
  title: 'Expectations',
  help: 'What the scenario says must hold, and whether it did.',
  columns: ['verdict', 'mode', 'expectation', 'condition', 'at_s', 'reason'],
  rows: verdicts.map(({ ok, mode, name, that, at, reason }) => [
    ok ? 'held' : 'broken',
    mode,
    name === that ? '' : name,
    that,
    at === undefined ? '' : formatAt(at),
    reason ?? '',
  ]),
});
