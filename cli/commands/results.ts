import { ResultsError } from '../../reports/index.js';
import { throwProblem } from '../../scenarios/schema/errors.js';

/** Turns what is wrong with a folder of results into a problem that names the place. */
export function withResults<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ResultsError)) {
      throw error;
    }
    const { place, finding } = error;
    return throwProblem({
      code: 'BAD_RESULTS',
      file: place.file,
      path: place.path,
      position: place.line === undefined ? undefined : { line: place.line, column: place.column ?? 1 },
      message: finding,
      hint: 'Give the folder that kubewhen run or kubewhen sweep wrote, as it left it',
    });
  }
}
