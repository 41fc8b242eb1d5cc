import type { IntOrString } from '../../../../models/api/generated/types.js';
import { scaledIntOrPercent } from '../../../../models/api/int-or-string.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface ScalingCase extends VectorCase {
  readonly value: IntOrString;
  readonly total: number;
}

export const adapter: Adapter = function* (file) {
  for (const { id, ...expected } of file.cases as readonly ScalingCase[]) {
    yield compare(id, expected, scaled(expected.value as IntOrString, expected.total as number));
  }
};

function scaled(value: IntOrString, total: number): object {
  try {
    return {
      value,
      total,
      roundUp: scaledIntOrPercent(value, total, 'up'),
      roundDown: scaledIntOrPercent(value, total, 'down'),
    };
  } catch (error) {
    return { value, total, error: (error as RangeError).message };
  }
}
