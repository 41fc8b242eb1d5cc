import { toSeconds } from '../../../../engine/time/micros.js';
import {
  parseThresholdConfig,
  type Threshold,
  type ThresholdValue,
} from '../../../../models/kubelet/eviction/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';

interface ThresholdCase extends VectorCase {
  readonly enforceNodeAllocatable: readonly string[] | null;
  readonly evictionHard: Statements;
  readonly evictionSoft: Statements;
  readonly evictionSoftGracePeriod: Statements;
  readonly evictionMinimumReclaim: Statements;
}

type Statements = { readonly [signal: string]: string } | null;

export function* adapter(file: VectorFile): Iterable<Outcome> {
  for (const one of file.cases as readonly ThresholdCase[]) {
    yield compare(one.id, { error: one['error'], thresholds: one['thresholds'] }, found(one));
  }
}

function found(one: ThresholdCase): unknown {
  try {
    const thresholds = parseThresholdConfig({
      enforceNodeAllocatable: one.enforceNodeAllocatable ?? undefined,
      evictionHard: one.evictionHard ?? undefined,
      evictionSoft: one.evictionSoft ?? undefined,
      evictionSoftGracePeriod: one.evictionSoftGracePeriod ?? undefined,
      evictionMinimumReclaim: one.evictionMinimumReclaim ?? undefined,
    });
    return { thresholds: recordedThresholds(thresholds) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Sorted by signal and grace period, as vector files hold them. */
export const recordedThresholds = (thresholds: readonly Threshold[]): readonly unknown[] =>
  [...thresholds]
    .sort((a, b) => (a.signal === b.signal ? a.gracePeriod - b.gracePeriod : a.signal < b.signal ? -1 : 1))
    .map(({ signal, value, gracePeriod, minReclaim }) => ({
      signal,
      operator: 'LessThan',
      value: recordedValue(value),
      gracePeriodSeconds: toSeconds(gracePeriod),
      minReclaim: minReclaim && recordedValue(minReclaim),
    }));

const recordedValue = (value: ThresholdValue): unknown => ('quantity' in value ? value.quantity : value.fraction);
