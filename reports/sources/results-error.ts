/** Where in a file of results something is wrong, as far as it is known; lines and columns count from 1. */
export interface ResultsPlace {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** As in "faults[0].atSeconds". */
  readonly path?: string | undefined;
}

/** Results that cannot be read: the file, the place, what was found there and what fits. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
  readonly place: ResultsPlace;
  /** What is wrong, without the place. */
  readonly finding: string;

  constructor(place: ResultsPlace, finding: string) {
    const at = [place.line, place.column].filter((n) => n !== undefined);
    super(`${[place.file, ...at].join(':')}${place.path === undefined ? '' : ` ${place.path}`}: ${finding}`);
    this.place = place;
    this.finding = finding;
  }
}
