import { ResultsError, writeReport } from '../../reports/index.js';
import { guarded } from '../../scenarios/run/output.js';
import { throwProblem } from '../../scenarios/schema/errors.js';

export interface ReportArguments {
  readonly folder: string;
  readonly out?: string | undefined;
}

/** kubewhen report. Answers the exit code. */
export function report({ folder, out }: ReportArguments, print: (text: string) => void): number {
  try {
    print(`report       ${guarded(out ?? folder, () => writeReport(folder, out))}`);
    return 0;
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
