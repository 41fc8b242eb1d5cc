import { seconds } from '../../../../engine/index.js';
import type { Container, Pod } from '../../../../models/api/index.js';
import {
  graceBudget,
  type TerminationRules,
  terminationGracePeriod,
  terminationOrder,
} from '../../../../models/kubelet/termination/decisions.js';

const NEW: TerminationRules = {
  minimumGracePeriodSeconds: 2,
  preStopCountsTowardsOverride: true,
  hookEventsTellDetails: false,
  ProbeTerminationGracePeriod: true,
};
const OLD: TerminationRules = { ...NEW, preStopCountsTowardsOverride: false, ProbeTerminationGracePeriod: false };

const aPod = (spec: Partial<Pod['spec']>, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', ...metadata },
  spec: { containers: [{ name: 'c' }], ...spec },
});

describe('the grace period of a container', () => {
  const probed: Container = { name: 'c', livenessProbe: { terminationGracePeriodSeconds: 7 } };

  it.each([
    [
      'what the deletion says',
      aPod({ terminationGracePeriodSeconds: 30 }, { deletionGracePeriodSeconds: 12 }),
      undefined,
      12,
    ],
    ['what the pod says', aPod({ terminationGracePeriodSeconds: 30 }), undefined, 30],
    ['what the failed probe says', aPod({ terminationGracePeriodSeconds: 30 }), 'LivenessProbe', 7],
    ['what the pod says, for another probe', aPod({ terminationGracePeriodSeconds: 30 }), 'StartupProbe', 30],
    ['what the deletion says, also for a probe', aPod({}, { deletionGracePeriodSeconds: 12 }), 'LivenessProbe', 12],
    ['the least there is, where nobody says anything', aPod({}), undefined, 2],
  ] as const)('is %s', (_, pod, cause, expected) => {
    expect(terminationGracePeriod(pod, probed, cause, NEW)).toBe(expected);
  });

  it('does not know of probes in 1.23', () => {
    expect(terminationGracePeriod(aPod({ terminationGracePeriodSeconds: 30 }), probed, 'LivenessProbe', OLD)).toBe(30);
  });
});

describe('how grace is spent', () => {
  // Whole seconds are taken off, cut: 20.9 s of preStop count as 20, 3.9 s of waiting as 3.
  it.each([
    ['nothing but SIGTERM', NEW, 30, undefined, 0, 0, 30],
    ['preStop', NEW, 30, undefined, 20.9, 0, 10],
    ['preStop and waiting for its turn', NEW, 30, undefined, 20.9, 3.9, 7],
    ['preStop until the end', NEW, 30, undefined, 30, 0, 2],
    ['an override', NEW, 30, 5, 0, 0, 5],
    ['an override, and preStop', NEW, 30, 5, 4, 0, 2],
    ['an override of nothing', NEW, 30, 0, 0, 0, 2],
    ['[23] preStop', OLD, 30, undefined, 20.9, 0, 10],
    ['[23] an override comes on top of preStop', OLD, 30, 30, 20.9, 0, 30],
    ['[23] an override may be less than 2 s', OLD, 30, 1, 0, 0, 1],
  ] as const)('%s', (_, rules, own, override, preStop, waited, expected) => {
    expect(graceBudget(own, override, rules).stopTimeout(seconds(preStop), seconds(waited))).toBe(expected);
  });

  it('limits preStop to all there is', () => {
    expect(graceBudget(30, 5, NEW).preStopLimit).toBe(5);
    expect(graceBudget(30, 5, OLD).preStopLimit).toBe(30);
  });
});

describe('the order in which containers end', () => {
  it('lets sidecars wait for regular containers and for the sidecar after them', () => {
    const order = terminationOrder(
      aPod({
        initContainers: [
          { name: 'proxy', restartPolicy: 'Always' },
          { name: 'setup' },
          { name: 'logs', restartPolicy: 'Always' },
        ],
        containers: [{ name: 'a' }, { name: 'b' }],
      }),
    );
    expect(Object.fromEntries(order)).toEqual({ logs: ['a', 'b'], proxy: ['a', 'b', 'logs'] });
  });

  it('is none without sidecars', () => {
    expect(terminationOrder(aPod({ initContainers: [{ name: 'setup' }] })).size).toBe(0);
  });
});
