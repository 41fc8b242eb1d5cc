import { type Micros, parseDuration, seconds } from '../../engine/index.js';
import { type ClientLimits, type Defaults, type Flag, type FlagRow, flagsWith, withFlags } from '../versions/index.js';

/** Settings of Karpenter. */
export interface KarpenterConfiguration {
  /** A batch of pods ends when none came for so long, or when it is this old. */
  readonly batchIdleDuration: Micros;
  readonly batchMaxDuration: Micros;
  /** Pods that nothing was found for are looked at again so often. */
  readonly podRequeue: Micros;
  /** A node that a pod was promised is not disrupted for so long. */
  readonly nominationPeriod: Micros;
  readonly disruptionPollingPeriod: Micros;
  /** From deciding to consolidate to looking whether that still holds. */
  readonly validationPeriod: Micros;
  /** How often is looked whether replacements are there, and when they are given up. */
  readonly commandRequeue: Micros;
  readonly commandTimeout: Micros;
  /** A machine that has not joined by then is given up. */
  readonly registrationTimeout: Micros;
  readonly drainRequeue: Micros;
  readonly terminationRequeue: Micros;
  /** An eviction that a budget refuses is tried again, twice as late each time. */
  readonly evictionBaseDelay: Micros;
  readonly evictionMaxDelay: Micros;
  readonly client: ClientLimits;
}

type Section = Defaults['karpenter'];

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'batch-idle-duration',
    type: 'duration',
    field: 'batchIdleDuration',
    help: 'A batch of waiting pods ends when none came for so long.',
  },
  { name: 'batch-max-duration', type: 'duration', field: 'batchMaxDuration', help: 'The longest a batch may take.' },
];

/** The settings of Karpenter that change something, as flags, with the defaults of a version. */
export const karpenterFlags = (defaults: Defaults): readonly Flag[] => flagsWith(defaults.karpenter, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function karpenterConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): KarpenterConfiguration {
  const section = withFlags(defaults.karpenter, FLAGS, flags);
  const batchMaxDuration = parseDuration(section.batchMaxDuration);
  return {
    batchIdleDuration: parseDuration(section.batchIdleDuration),
    batchMaxDuration,
    podRequeue: parseDuration(section.podRequeue),
    // pkg/controllers/state/cluster.go nominationWindow
    nominationPeriod: Math.max(seconds(10), 2 * batchMaxDuration),
    disruptionPollingPeriod: parseDuration(section.disruptionPollingPeriod),
    validationPeriod: parseDuration(section.consolidationTTL),
    commandRequeue: parseDuration(section.queueBaseDelay),
    commandTimeout: parseDuration(section.minRetryDuration),
    registrationTimeout: parseDuration(section.registrationTimeout),
    drainRequeue: parseDuration(section.drainRequeue),
    terminationRequeue: parseDuration(section.terminationRequeue),
    evictionBaseDelay: parseDuration(section.evictionQueueBaseDelay),
    evictionMaxDelay: parseDuration(section.evictionQueueMaxDelay),
    client: { qps: section.kubeClientQPS, burst: section.kubeClientBurst },
  };
}
