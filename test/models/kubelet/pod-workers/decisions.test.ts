import { seconds } from '../../../../engine/index.js';
import type { Pod } from '../../../../models/api/index.js';
import {
  effectiveGracePeriod,
  type RequeueSettings,
  requeueAfter,
} from '../../../../models/kubelet/pod-workers/decisions.js';

const aPod = (terminationGracePeriodSeconds?: number, deletionGracePeriodSeconds?: number): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', deletionGracePeriodSeconds },
  spec: { containers: [], terminationGracePeriodSeconds },
});

describe('the grace period of a terminating pod', () => {
  const NEW = { zeroOverrideIsNone: false };
  const OLD = { zeroOverrideIsNone: true };

  it.each([
    ['what the spec says', 0, aPod(30), undefined, NEW, 30],
    ['what the deletion says', 0, aPod(30, 10), undefined, NEW, 10],
    ['the least of deletion and override', 0, aPod(30, 10), 5, NEW, 5],
    ['no more than it was', 7, aPod(30, 10), 20, NEW, 7],
    ['1 s for an override of 0 [37]', 0, aPod(30), 0, NEW, 1],
    ['what the spec says for an override of 0 [23]', 0, aPod(30), 0, OLD, 30],
    ['1 s where nothing is said', 0, aPod(), undefined, NEW, 1],
  ] as const)('is %s', (_, current, pod, override, rules, expected) => {
    expect(effectiveGracePeriod(current, pod, override, rules)).toBe(expected);
  });
});

describe('when a pod is looked at again', () => {
  const NEW: RequeueSettings = {
    syncFrequency: seconds(60),
    resyncJitter: 0.5,
    backOffPeriod: seconds(10),
    backOffOnTransientErrorPeriod: seconds(1),
    backOffJitter: 0.5,
    requeuesAtBackOffExpiry: true,
  };
  const OLD = { ...NEW, requeuesAtBackOffExpiry: false };
  const now = seconds(1000);
  const error = (until?: number) =>
    ({ kind: 'error', message: '', backOffUntil: until === undefined ? undefined : seconds(until) }) as const;

  it.each([
    ['at once after a phase', true, undefined, NEW, 0, 0],
    ['after 60 s when all went well', false, undefined, NEW, 60, 0.5],
    ['after 1 s while the network is not ready', false, { kind: 'network', message: '' } as const, NEW, 1, 0.5],
    ['after 10 s after an error', false, error(), NEW, 10, 0.5],
    ['when the back-off ends [37]', false, error(1040), NEW, 40, 0.5],
    ['after 60 s at most', false, error(1300), NEW, 60, 0.5],
    ['at once when it is over already', false, error(999), NEW, 0, 0.5],
    ['after 10 s, whatever the back-off [23]', false, error(1300), OLD, 10, 0.5],
  ] as const)('%s', (_, hasPhaseTransition, syncError, settings, base, jitter) => {
    expect(requeueAfter(hasPhaseTransition, syncError, now, settings)).toEqual({ base: seconds(base), jitter });
  });
});
