import { type Micros, parseDuration, type Seconds, seconds } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';
import { registryWith } from './configuration/build-profile.js';
import { decodeDocument } from './configuration/decode.js';
import { withDefaults } from './configuration/defaults.js';
import type { ExtenderDocument, ProfileDocument } from './configuration/document.js';
import { ConfigurationError } from './configuration/plugin-sets.js';
import { type ResolvedProfile, resolveProfiles } from './configuration/resolve.js';
import type { Path } from './configuration/strict-reader.js';
import { validateDocument } from './configuration/validate.js';
import type { CycleOptions } from './framework/cycle.js';
import type { SchedulerPlugin } from './plugins/user-plugin.js';
import type { QueueSettings } from './queue/scheduling-queue.js';

/** Settings of the scheduler, its units turned into Micros. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ResolvedProfile[];
  readonly extenders: readonly ExtenderDocument[];
  readonly cycle: Omit<CycleOptions, 'uniform' | 'extenders'>;
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
 * @param userPlugins plugins besides those of Kubernetes; a profile that does not name one has it at all its extension points
 * @param document KubeSchedulerConfiguration as parsed from YAML; none: kube-scheduler without a configuration file
 * @throws SchedulerConfigurationError with every mistake that kube-scheduler finds at once
 */
export function schedulerConfiguration(
  { kubeScheduler }: Defaults,
  document?: unknown,
  userPlugins: readonly SchedulerPlugin[] = [],
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
      resolveProfiles(
        { profiles: profiles.map((profile) => withUnnamed(profile, userPlugins)), extenders },
        kubeScheduler.multiPoint,
        registryWith(userPlugins),
      ),
    ),
    extenders,
    cycle: {
      percentageOfNodesToScore: complete.percentageOfNodesToScore,
      tieRule: kubeScheduler.tieRule === 'heap' ? 'heap' : 'reservoir',
      nominatedNodeResetsStart: kubeScheduler.nominatedNodeResetsStart,
      oneIsEnoughWithoutScores: kubeScheduler.oneIsEnoughWithoutScores,
      tellsPreFilterOnce: kubeScheduler.tellsPreFilterOnce,
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

/** As if the profile had enabled, at multiPoint, the plugins of the user that it says nothing of. */
function withUnnamed(profile: ProfileDocument, userPlugins: readonly SchedulerPlugin[]): ProfileDocument {
  const { plugins = {} } = profile;
  const named = new Set(
    Object.values(plugins).flatMap(({ enabled = [], disabled = [] }) =>
      [...enabled, ...disabled].map(({ name }) => name),
    ),
  );
  const unnamed = userPlugins.filter(({ name }) => !named.has(name)).map(({ name }) => ({ name }));
  if (unnamed.length === 0) {
    return profile;
  }
  const { multiPoint = {} } = plugins;
  const enabled = [...(multiPoint.enabled ?? []), ...unnamed];
  return { ...profile, plugins: { ...plugins, multiPoint: { ...multiPoint, enabled } } };
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
