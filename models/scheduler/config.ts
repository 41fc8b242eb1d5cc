import { type Micros, parseDuration, type Seconds, seconds } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';
import { decodeDocument } from './configuration/decode.js';
import { withDefaults } from './configuration/defaults.js';
import type { ExtenderDocument } from './configuration/document.js';
import { ConfigurationError } from './configuration/plugin-sets.js';
import { type PluginRegistry, type ResolvedProfile, resolveProfiles } from './configuration/resolve.js';
import type { Path } from './configuration/strict-reader.js';
import { validateDocument } from './configuration/validate.js';
import type { CycleOptions } from './framework/cycle.js';
import { PLUGINS } from './plugins/registry.js';
import type { QueueSettings } from './queue/scheduling-queue.js';

/** Settings of the scheduler, its units turned into Micros. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ResolvedProfile[];
  readonly extenders: readonly ExtenderDocument[];
  readonly cycle: Pick<CycleOptions, 'percentageOfNodesToScore' | 'tieRule' | 'nominatedNodeResetsStart'>;
  readonly queue: QueueSettings;
  /** Each of its two clients, the main one and that of events, has a token bucket of this size. */
  readonly client: { readonly qps: number; readonly burst: number };
  /** How long one pod occupies the scheduling loop. */
  readonly schedulingCycle: Micros;
  readonly bindTries: number;
  readonly defaults: Defaults['kubeScheduler'];
}

/** What is wrong with a KubeSchedulerConfiguration: where, and kube-scheduler's own words. */
export interface ConfigurationMistake {
  readonly path: Path;
  readonly text: string;
}

/** A configuration that kube-scheduler would not start with. */
export class SchedulerConfigurationError extends RangeError {
  readonly mistakes: readonly ConfigurationMistake[];

  constructor(mistakes: readonly ConfigurationMistake[]) {
    super(mistakes.map(({ text }) => text).join('\n'));
    this.mistakes = mistakes;
  }
}

/**
 * The scheduler's settings.
 * @param userPlugins plugins that the document may name besides those of Kubernetes
 * @param document KubeSchedulerConfiguration as parsed from YAML; none: kube-scheduler without a configuration file
 * @throws SchedulerConfigurationError with every mistake that kube-scheduler finds at once
 */
export function schedulerConfiguration(
  { kubeScheduler }: Defaults,
  document?: unknown,
  userPlugins: PluginRegistry = {},
): SchedulerConfiguration {
  const versions = kubeScheduler.configurationVersions.split(' ');
  const [version = ''] = versions;
  const decoded = decodeDocument(
    document ?? { apiVersion: `kubescheduler.config.k8s.io/${version}`, kind: 'KubeSchedulerConfiguration' },
    { versions },
  );
  if (!decoded.ok) {
    throw new SchedulerConfigurationError(
      decoded.problems.map(({ path, text, isStrict }) => ({
        path,
        text: isStrict ? `strict decoding error: ${text}` : text,
      })),
    );
  }
  const complete = withDefaults(decoded.document, kubeScheduler);
  const errors = validateDocument(complete, version);
  if (errors.length > 0) {
    throw new SchedulerConfigurationError(errors);
  }
  const { profiles, extenders = [], clientConnection } = complete;
  const second = (amount: number): Micros => seconds(amount as Seconds);
  return {
    profiles: orMistake(() =>
      resolveProfiles({ profiles, extenders }, kubeScheduler.multiPoint, { ...PLUGINS, ...userPlugins }),
    ),
    extenders,
    cycle: {
      percentageOfNodesToScore: complete.percentageOfNodesToScore,
      tieRule: kubeScheduler.tieRule === 'heap' ? 'heap' : 'reservoir',
      nominatedNodeResetsStart: kubeScheduler.nominatedNodeResetsStart,
    },
    queue: {
      podInitialBackoff: second(complete.podInitialBackoffSeconds),
      podMaxBackoff: second(complete.podMaxBackoffSeconds),
      podMaxInUnschedulablePodsDuration: parseDuration(kubeScheduler.podMaxInUnschedulablePodsDuration),
      ...kubeScheduler.queue,
    },
    client: { qps: clientConnection.qps, burst: clientConnection.burst },
    schedulingCycle: parseDuration(kubeScheduler.schedulingCycle),
    bindTries: kubeScheduler.bindTries,
    defaults: kubeScheduler,
  };
}

function orMistake<T>(resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw new SchedulerConfigurationError([{ path: ['profiles'], text: error.message }]);
    }
    throw error;
  }
}
