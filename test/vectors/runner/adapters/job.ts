import { type Micros, seconds, toSeconds } from '../../../../engine/index.js';
import type { Job, Pod, SuccessPolicy } from '../../../../models/api/index.js';
import {
  type BackoffRecord,
  NO_FAILURES,
  nextRecord,
  remainingBackoff,
} from '../../../../models/job-controller/backoff.js';
import { countIndexes, formatIndexes, parseIndexes, withIndexes } from '../../../../models/job-controller/indexes.js';
import { matchPodFailurePolicy, matchSuccessPolicy } from '../../../../models/job-controller/policies.js';
import type { Adapter, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';
import { asObject } from '../times.js';

interface JobCase extends VectorCase {
  readonly kind: 'backoff' | 'indexes' | 'podFailurePolicy' | 'successPolicy';
}

interface BackoffStep {
  readonly at: number;
  readonly failedFinishedAgo: readonly number[] | null;
  readonly succeededFinishedAgo: readonly number[] | null;
}

interface Shared {
  readonly defaultBackoffSeconds: number;
  readonly maxBackoffSeconds: number;
}

export const adapter: Adapter = function* (file) {
  for (const { id, kind, ...expected } of file.cases as readonly JobCase[]) {
    yield compare(id, expected, { ...expected, ...FOUND[kind](expected, file) });
  }
};

const FOUND: Readonly<Record<JobCase['kind'], (input: Readonly<Record<string, unknown>>, file: VectorFile) => object>> =
  {
    backoff: ({ steps }, { header }) => {
      const shared = header['shared'] as Shared;
      const settings = {
        defaultBackoff: seconds(shared.defaultBackoffSeconds),
        maxBackoff: seconds(shared.maxBackoffSeconds),
      };
      let record: BackoffRecord = NO_FAILURES;
      const found = (steps as readonly BackoffStep[]).map((step) => {
        const now = seconds(step.at);
        const times = (ago: readonly number[] | null): Micros[] => (ago ?? []).map((one) => now - seconds(one));
        record = nextRecord(record, times(step.succeededFinishedAgo), times(step.failedFinishedAgo));
        const { failuresAfterLastSuccess, lastFailureAt } = record;
        const remaining = remainingBackoff(failuresAfterLastSuccess, lastFailureAt, now, settings);
        return { ...step, failuresAfterLastSuccess, remainingSeconds: toSeconds(remaining) };
      });
      return { steps: found };
    },
    indexes: ({ text, completions, add }) => {
      const parsed = parseIndexes(text as string, completions as number);
      const merged = withIndexes(parsed, (add as readonly number[] | null) ?? []);
      return {
        parsed: formatIndexes(parsed),
        parsedTotal: countIndexes(parsed),
        merged: formatIndexes(merged),
        mergedTotal: countIndexes(merged),
      };
    },
    podFailurePolicy: ({ policy, pod }) => {
      const found = matchPodFailurePolicy(policy as Job['spec']['podFailurePolicy'], asObject<Pod>(pod));
      return {
        action: found.action ?? '',
        countsTowardsBackoffLimit: found.counts,
        message: found.message ?? '',
      };
    },
    successPolicy: ({ policy, completions, succeededIndexes }) => {
      const succeeded = parseIndexes(succeededIndexes as string, completions as number);
      const message = matchSuccessPolicy(policy as SuccessPolicy, completions as number, succeeded);
      return { met: message !== undefined, message: message ?? '' };
    },
  };
