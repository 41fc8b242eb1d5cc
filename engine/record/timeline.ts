/** What a column holds. 'time' and 'duration' cells are Micros; sinks write them as seconds. */
export interface Column {
  readonly type: 'time' | 'duration' | 'text' | 'integer' | 'number';
  readonly help: string;
}

export type Columns<Row> = { readonly [C in keyof Row]: Column };

/** A kind of rows that a room can tell. Column names carry their unit (`memory_bytes`). */
export interface TimelineSpec<Row> {
  readonly name: string;
  readonly help: string;
  readonly columns: Columns<Row>;
}

/** Rows of one kind; each row is stamped with the virtual time of its append. */
export interface Timeline<Row> {
  append(row: Row): void;
}

/** Where recorded rows go. The sink itself adds the two columns every timeline begins with: at_s and time. */
export interface TimelineSink {
  open<Row>(spec: TimelineSpec<Row>): Timeline<Row>;
  close(): void;
}
