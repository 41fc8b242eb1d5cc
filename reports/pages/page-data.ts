/** What a report page shows; times are seconds of virtual time. The browser's script draws it, and sees nothing else. */
export interface PageData {
  readonly title: string;
  readonly subtitle: string;
  readonly facts: readonly Fact[];
  readonly gantts: readonly Gantt[];
  readonly charts: readonly LineChart[];
  readonly tables: readonly Table[];
}

/** A line of plain text about the run: "Seed", "42". */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Rows of coloured spans: what each node or pod was in when. */
export interface Gantt {
  readonly title: string;
  readonly help: string;
  readonly rows: readonly string[];
  readonly states: readonly GanttState[];
  readonly spans: readonly Span[];
  readonly end: number;
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

export interface LineChart {
  readonly title: string;
  readonly help: string;
  readonly xName: string;
  readonly yName: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  /** True: the value holds until the next point; false: straight lines. */
  readonly isStep: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Half width of an interval around each point. */
  readonly margins?: readonly number[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
