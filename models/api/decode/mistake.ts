/** Steps into a document: names of fields and indexes of lists. */
export type FieldPath = readonly (string | number)[];

/** What a decoder found wrong, to be told with the file and line of its path. */
export interface Mistake {
  readonly code:
    | 'BAD_QUANTITY'
    | 'BAD_VALUE'
    | 'MISSING_FIELD'
    | 'NOT_AN_OBJECT'
    | 'UNKNOWN_FIELD'
    | 'UNKNOWN_KIND'
    | 'WRONG_TYPE';
  readonly path: FieldPath;
  /** What was found and what fits. */
  readonly message: string;
  /** Names that would fit, for "did you mean". */
  readonly known?: readonly string[];
}

const SHOWN = 60;

/** 'the number 5', 'the string "five"', 'a list' */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    return 'a list';
  }
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value)}`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return `the boolean ${value}`;
    default:
      return value === null || value === undefined ? 'nothing' : 'a mapping';
  }
}
