import {
  addAmounts,
  approximateFloat,
  canonicalForm,
  compareAmounts,
  formatAmount,
  parseQuantity,
  scaledValue,
  subtractAmounts,
} from '../../../../models/api/quantity.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface ParsingCase extends VectorCase {
  readonly in: string;
}
interface ArithmeticCase extends VectorCase {
  readonly a: string;
  readonly b: string;
}

export const adapter: Adapter = function* (file) {
  for (const vector of file.cases) {
    const { id, ...expected } = vector;
    yield compare(
      id,
      expected,
      'in' in vector ? parsing((vector as ParsingCase).in) : arithmetic(vector as ArithmeticCase),
    );
  }
};

function parsing(text: string): object {
  try {
    const amount = parseQuantity(text);
    return {
      in: text,
      format: amount.format,
      string: formatAmount(amount),
      json: formatAmount(amount),
      canonical: canonicalForm(amount),
      value: String(scaledValue(amount, 0)),
      milliValue: String(scaledValue(amount, -3)),
      asFloat: approximateFloat(amount),
      sign: Number(amount.unscaled > 0n) - Number(amount.unscaled < 0n),
    };
  } catch (error) {
    return { in: text, error: (error as RangeError).message };
  }
}

function arithmetic({ a, b }: ArithmeticCase): object {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  return {
    a,
    b,
    add: formatAmount(addAmounts(left, right)),
    sub: formatAmount(subtractAmounts(left, right)),
    cmp: compareAmounts(left, right),
  };
}
