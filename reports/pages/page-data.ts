/** What a report page shows; times are seconds of virtual time. The browser's script draws it, and sees nothing else. */
export interface PageData {
  readonly title: string;
  readonly subtitle: string;
  readonly facts: readonly Fact[];
  /** From top to bottom. */
  readonly sections: readonly Section[];
}

export type Section = Gantt | LineChart | Table;

/** A line of plain text about the run: "Seed", "42". */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Rows of coloured spans: what each node or pod was in when. */
export interface Gantt {
  readonly kind: 'gantt';
  readonly title: string;
  readonly help: string;
  readonly start: number;
  readonly end: number;
  readonly rows: readonly GanttRow[];
  readonly states: readonly GanttState[];
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
}

export interface GanttRow {
  readonly name: string;
  /** A heading over the rows that follow; it has no spans. */
  readonly isHeading: boolean;
}

export interface GanttState {
  readonly name: string;
  readonly colour: string;
}

export interface Span {
  /** Places in `rows` and `states`. */
  readonly row: number;
  readonly state: number;
  readonly from: number;
  readonly to: number;
  /** More about it, shown when pointed at. */
  readonly note?: string;
}

/** A vertical line with a name: a fault strikes. */
export interface Mark {
  readonly at: number;
  readonly name: string;
}

export interface LineChart {
  readonly kind: 'chart';
  readonly title: string;
  readonly help: string;
  readonly x: Axis;
  readonly yName: string;
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
}

/** Virtual time from `start` to `end`; numbers; or places 0, 1, 2 … of names. */
export type Axis =
  | { readonly type: 'time'; readonly start: number; readonly end: number }
  | { readonly type: 'number'; readonly name: string }
  | { readonly type: 'names'; readonly name: string; readonly names: readonly string[] };

export interface Line {
  readonly name: string;
  /** True: the value holds until the next point; false: straight lines. */
  readonly isStep: boolean;
  /** Drawn dashed, in the colour of the line before it: the same thing seen otherwise. */
  readonly isAside?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Bounds of an interval around each point; null where there is none. */
  readonly intervals?: readonly (readonly [low: number, high: number] | null)[];
}

export interface Table {
  readonly kind: 'table';
  readonly title: string;
  readonly help: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
