import { writeReport } from '../../reports/index.js';
import { guarded } from '../../scenarios/run/output.js';
import { withResults } from './results.js';

export interface ReportArguments {
  readonly folder: string;
  readonly out?: string | undefined;
}

/** kubewhen report. Answers the exit code. */
export function report({ folder, out }: ReportArguments, print: (text: string) => void): number {
  print(`report       ${withResults(() => guarded(out ?? folder, () => writeReport(folder, out)))}`);
  return 0;
}
