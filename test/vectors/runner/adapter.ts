/** A file of decisions recorded from the real components. */
export interface VectorFile {
  readonly header: { readonly name: string; readonly description?: string; readonly [field: string]: unknown };
  readonly cases: readonly VectorCase[];
  /** Shared tables, such as clusters. */
  readonly [table: string]: unknown;
}

export interface VectorCase {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What came of one case. */
export interface Outcome {
  readonly id: string;
  readonly equal: boolean;
  /** Where it differs: path, expected, found. Absent when equal. */
  readonly difference?: string;
  /** How far off, in the file's own unit (seconds, points); for "worst difference". */
  readonly distance?: number;
}

/**
 * Runs every case of one kind of file through the simulator. An adapter stands in adapters/NAME.ts and is exported as
 * `adapter`; NAME is the header's name without a trailing "-NN". It must work for any file of the format.
 */
export type Adapter = (file: VectorFile) => Iterable<Outcome>;
