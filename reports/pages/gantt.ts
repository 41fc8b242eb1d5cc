import { type Micros, toSeconds } from '../../engine/index.js';
import { groupBy } from '../measures/group.js';
import type { Gantt, GanttRow, GanttState, Mark, Span } from './page-data.js';

/** From this instant on the object is in this state; undefined: it is not there. */
export interface StateChange {
  readonly at: Micros;
  readonly state: string | undefined;
  readonly note: string;
}

/** What is drawn in one row. */
export interface StateHistory {
  readonly name: string;
  /** Rows of a group stand together under its name; '' for none. */
  readonly group: string;
  /** In order of time. */
  readonly changes: readonly StateChange[];
}

export interface GanttOptions {
  readonly title: string;
  readonly help: string;
  readonly states: readonly GanttState[];
  readonly histories: readonly StateHistory[];
  readonly end: Micros;
  readonly marks: readonly Mark[];
  /** What a row is, in the plural: "nodes". */
  readonly what: string;
}

/** More would not be read, and would make the browser slow. */
const MOST_ROWS = 300;
const MOST_SPANS = 20_000;

/** Rows by group in order of name, within a group as given; of too many rows those with the most changes. */
export function makeGantt({ title, help, states, histories, end, marks, what }: GanttOptions): Gantt {
  const shown = mostEventful(histories);
  const rows: GanttRow[] = [];
  const spans: Span[] = [];
  const groups = [...groupBy(shown, ({ group }) => group)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [group, members] of groups) {
    if (group !== '') {
      rows.push({ name: group, isHeading: true });
    }
    for (const { name, changes } of members) {
      spans.push(...toSpans(rows.length, changes, end, states));
      rows.push({ name, isHeading: false });
    }
  }
  const left = histories.length - shown.length;
  const note =
    left === 0 ? '' : ` Shown are the ${shown.length} ${what} with the most changes; ${left} more are left out.`;
  return { kind: 'gantt', title, help: help + note, start: 0, end: toSeconds(end), rows, states, spans, marks };
}

/** In the order given. */
function mostEventful(histories: readonly StateHistory[]): readonly StateHistory[] {
  const places = histories
    .map((_, place) => place)
    .sort((a, b) => changesOf(histories, b) - changesOf(histories, a) || a - b)
    .slice(0, MOST_ROWS);
  let spans = 0;
  const kept = new Set(
    places.filter((place) => {
      const more = changesOf(histories, place);
      const fits = spans + more <= MOST_SPANS;
      spans += fits ? more : 0;
      return fits;
    }),
  );
  return histories.filter((_, place) => kept.has(place));
}

const changesOf = (histories: readonly StateHistory[], place: number): number => histories[place]?.changes.length ?? 0;

function toSpans(row: number, changes: readonly StateChange[], end: Micros, states: readonly GanttState[]): Span[] {
  return changes.flatMap(({ at, state, note }, i): Span[] => {
    const to = changes[i + 1]?.at ?? end;
    const place = states.findIndex(({ name }) => name === state);
    if (place < 0 || to <= Math.max(0, at)) {
      return [];
    }
    return [{ row, state: place, from: toSeconds(at), to: toSeconds(to), ...(note !== '' && { note }) }];
  });
}

/** Something that becomes different at an instant. */
export interface Update {
  readonly at: Micros;
  apply(): void;
}

/** Applies updates in order of time and asks after each instant how things stand; what stays the same is no change. */
export function followStates(
  updates: readonly Update[],
  current: () => { readonly state: string | undefined; readonly note: string },
): readonly StateChange[] {
  const ordered = updates.toSorted((a, b) => a.at - b.at);
  const changes: StateChange[] = [];
  for (const [i, { at, apply }] of ordered.entries()) {
    apply();
    if (ordered[i + 1]?.at === at) {
      continue;
    }
    const { state, note } = current();
    const last = changes.at(-1);
    if (last?.state !== state || last?.note !== note) {
      changes.push({ at, state, note });
    }
  }
  return changes;
}
