import type { Micros } from '../../engine/index.js';
import { type Expectation, toExpectation } from '../run/expectations.js';
import type { ExpectationText } from '../schema/expectation.js';
import { didYouMean } from '../schema/suggest.js';
import type { Reading } from './resolve.js';

/** What must hold; conditions that do not parse, or read fields that no object has, are told. */
export function readExpectations(
  { tell }: Reading,
  texts: readonly ExpectationText[],
  runFor: Micros,
): readonly Expectation[] {
  return texts.flatMap((text, i) => {
    const path = ['spec', 'expect', i, 'that'];
    try {
      const expectation = toExpectation(text, runFor);
      for (const { at, definition, known, name } of expectation.condition.unknownFields) {
        const message = `a ${definition} has no field ${JSON.stringify(name)} (at letter ${at})`;
        tell(path, 'UNKNOWN_FIELD', message, didYouMean(name, known));
      }
      return [expectation];
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      tell(path, 'BAD_EXPRESSION', error.message);
      return [];
    }
  });
}
