import { type Micros, milliseconds, parseDuration } from '../../engine/index.js';
import { type Defaults, type Flag, type FlagRow, flagsWith, withFlags } from '../versions/index.js';

/** Settings of metrics-server. */
export interface MetricsServerConfiguration {
  /** From one scrape of all kubelets to the next. */
  readonly metricResolution: Micros;
  /** A kubelet that does not answer is given up after this long, and holds up the whole scrape until then. */
  readonly kubeletRequestTimeout: Micros;
  /** Kubelets are asked at random moments within this long a node, in all at most `maxDelay`. */
  readonly delayPerNode: Micros;
  readonly maxDelay: Micros;
  /** A container this young has its first value over its whole life. */
  readonly freshContainerMinMetricsResolution: Micros;
}

const FLAGS: readonly FlagRow<Defaults['metricsServer']>[] = [
  {
    name: 'metric-resolution',
    type: 'duration',
    field: 'metricResolution',
    help: 'From one scrape of all kubelets to the next.',
  },
  {
    name: 'kubelet-request-timeout',
    type: 'duration',
    field: 'kubeletRequestTimeout',
    help: 'How long to wait for a kubelet.',
  },
];

/** The flags of metrics-server that change something, with the defaults of a version. */
export const metricsServerFlags = (defaults: Defaults): readonly Flag[] => flagsWith(defaults.metricsServer, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function metricsServerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): MetricsServerConfiguration {
  const section = withFlags(defaults.metricsServer, FLAGS, flags);
  return {
    metricResolution: parseDuration(section.metricResolution),
    kubeletRequestTimeout: parseDuration(section.kubeletRequestTimeout),
    delayPerNode: milliseconds(section.delayPerSourceMs),
    maxDelay: milliseconds(section.maxDelayMs),
    freshContainerMinMetricsResolution: parseDuration(section.freshContainerMinMetricsResolution),
  };
}
