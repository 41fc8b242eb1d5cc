import { type Micros, parseDuration } from '../../engine/index.js';
import { explainPod, UnknownPodError } from '../../reports/index.js';
import { throwProblem } from '../../scenarios/schema/errors.js';
import { didYouMean } from '../../scenarios/schema/suggest.js';
import { renderExplanation } from '../explain-text.js';
import { withResults } from './results.js';

export interface ExplainArguments {
  readonly folder: string;
  readonly pod: string;
  readonly at?: string | undefined;
}

/** kubewhen explain. Answers the exit code. */
export function explain({ folder, pod, at }: ExplainArguments, print: (text: string) => void): number {
  const by = at === undefined ? undefined : timeOf(at);
  try {
    print(renderExplanation(withResults(() => explainPod(folder, pod, by))));
    return 0;
  } catch (error) {
    if (!(error instanceof UnknownPodError)) {
      throw error;
    }
    const { message, known } = error;
    return throwProblem({ code: 'UNKNOWN_OBJECT', file: folder, message, hint: hintFor(pod, known) });
  }
}

function timeOf(text: string): Micros {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    return throwProblem({ code: 'BAD_DURATION', message: `--at ${text}: ${error.message}` });
  }
}

/** A pod is named in full; pods of other namespaces are known by their name alone. */
function hintFor(pod: string, known: readonly string[]): string | undefined {
  const elsewhere = known.filter((key) => key.endsWith(`/${pod}`));
  return elsewhere.length > 0
    ? `There is ${elsewhere.join(', ')}`
    : didYouMean(pod.includes('/') ? pod : `default/${pod}`, known);
}
