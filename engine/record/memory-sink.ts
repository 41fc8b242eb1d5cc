import type { Micros } from '../time/micros.js';
import type { Timeline, TimelineSink, TimelineSpec } from './timeline.js';

/** A row as recorded: when, and what. */
export interface Recorded<Row> {
  readonly at: Micros;
  readonly row: Row;
}

/** Rows kept in memory, for tests and summaries. */
export class MemorySink implements TimelineSink {
  readonly #now: () => Micros;
  readonly #rows = new Map<string, Recorded<unknown>[]>();

  constructor(now: () => Micros) {
    this.#now = now;
  }

  open<Row>(spec: TimelineSpec<Row>): Timeline<Row> {
    const rows: Recorded<unknown>[] = [];
    this.#rows.set(spec.name, rows);
    return { append: (row) => rows.push({ at: this.#now(), row }) };
  }

  /** Rows of one timeline in the order they were appended; empty when it was not recorded. */
  rows<Row>(name: string): readonly Recorded<Row>[] {
    return (this.#rows.get(name) ?? []) as readonly Recorded<Row>[];
  }

  close(): void {}
}
