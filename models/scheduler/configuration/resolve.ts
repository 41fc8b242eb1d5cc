import { EXTENSION_POINTS } from '../framework/plugin.js';
import { DEFAULT_ARGUMENTS, type PluginArguments } from '../plugins/arguments.js';
import type { PluginFactory } from '../plugins/registry.js';
import { argumentsOf, DEFAULT_SCHEDULER_NAME } from './defaults.js';
import type { ConfigurationDocument, ExtenderDocument, PluginSets, ProfileDocument } from './document.js';
import { aggregateText } from './field-error.js';
import {
  ConfigurationError,
  defaultPluginSets,
  GROUP_POINTS,
  mergePluginSets,
  type ResolvedPlugins,
  resolvePlugins,
} from './plugin-sets.js';
import { checkArguments } from './validate-arguments.js';

export type PluginRegistry = Readonly<Record<string, PluginFactory>>;

/** A profile ready to run. */
export interface ResolvedProfile extends ResolvedPlugins {
  readonly schedulerName: string;
  /** Overrides that of the whole scheduler. */
  readonly percentageOfNodesToScore: number | undefined;
  /** Plugins enabled anywhere, in order of first mention. */
  readonly plugins: readonly string[];
  readonly args: PluginArguments;
  /** Args of plugins that have no type of args, as given. */
  readonly rawArgs: Readonly<Record<string, unknown>>;
}

/**
 * Lays out the profiles of a configuration. As NewMap (pkg/scheduler/profile) with NewFramework.
 * @throws ConfigurationError in kube-scheduler's words
 */
export function resolveProfiles(
  { profiles, extenders = [] }: Pick<ConfigurationDocument, 'profiles' | 'extenders'>,
  defaultPlugins: string,
  registry: PluginRegistry,
): readonly ResolvedProfile[] {
  const defaults = defaultPluginSets(defaultPlugins);
  checkIgnoredResources(profiles, defaults, extenders);
  const resolved = new Map<string, ResolvedProfile>();
  let queueSort: string | undefined;
  for (const document of profiles) {
    const name = document.schedulerName ?? '';
    const profile = inProfile(name, () => resolveProfile(document, defaults, registry, extenders, resolved.has(name)));
    if (name === '') {
      throw new ConfigurationError('initializing profiles: scheduler name is needed');
    }
    if (resolved.has(name)) {
      throw new ConfigurationError(`initializing profiles: duplicate profile with scheduler name "${name}"`);
    }
    const own = profile.points.queueSort[0] as string;
    queueSort ??= own;
    if (own !== queueSort) {
      const text = `different queue sort plugins for profile "${name}": "${own}", first: "${queueSort}"`;
      throw new ConfigurationError(`initializing profiles: ${text}`);
    }
    resolved.set(name, profile);
  }
  return [...resolved.values()];
}

/** Adds to an error the profile that it is about. */
function inProfile<T>(name: string, resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw new ConfigurationError(
        `initializing profiles: creating profile for scheduler name ${name}: ${error.message}`,
      );
    }
    throw error;
  }
}

function resolveProfile(
  document: ProfileDocument,
  defaults: PluginSets,
  registry: PluginRegistry,
  extenders: readonly ExtenderDocument[],
  isRepeated: boolean,
): ResolvedProfile {
  const sets = mergePluginSets(defaults, document.plugins);
  const args = withIgnoredResources(argumentsOf(document), extenders);
  const plugins = pluginsIn(sets);
  checkPluginConfig(document, plugins, args, registry);
  if (isRepeated && plugins.includes('DynamicResources')) {
    // Its index of pods goes by the scheduler's name, and there is one already.
    const text = `indexer conflict: map[schedulerPodResourceClaim-${document.schedulerName}:{}]`;
    throw new ConfigurationError(
      `initializing plugin "DynamicResources": failed to add pod resource claim indexer: ${text}`,
    );
  }
  const { points, scoreWeights, placementWeights } = resolvePlugins(sets, registry);
  const schedulerName = document.schedulerName ?? DEFAULT_SCHEDULER_NAME;
  if (points.queueSort.length !== 1) {
    const count = points.queueSort.length;
    throw new ConfigurationError(
      `only one queue sort plugin required for profile with scheduler name "${schedulerName}", but got ${count}`,
    );
  }
  if (points.bind.length === 0) {
    throw new ConfigurationError(
      `at least one bind plugin is needed for profile with scheduler name "${schedulerName}"`,
    );
  }
  return {
    schedulerName,
    percentageOfNodesToScore: document.percentageOfNodesToScore,
    plugins,
    points,
    scoreWeights,
    placementWeights,
    args,
    rawArgs: rawArgumentsOf(document, plugins),
  };
}

/** As pluginsNeeded. */
function pluginsIn(sets: PluginSets): readonly string[] {
  const points = ['multiPoint', ...EXTENSION_POINTS, ...GROUP_POINTS] as const;
  return [...new Set(points.flatMap((point) => (sets[point]?.enabled ?? []).map(({ name }) => name)))];
}

/** What NewFramework checks before and while it makes the plugins, in order of name. */
function checkPluginConfig(
  { pluginConfig = [] }: ProfileDocument,
  plugins: readonly string[],
  args: PluginArguments,
  registry: PluginRegistry,
): void {
  const seen = new Set<string>();
  for (const { name } of pluginConfig) {
    if (seen.has(name)) {
      throw new ConfigurationError(`repeated config for plugin ${name}`);
    }
    seen.add(name);
  }
  for (const name of Object.keys(DEFAULT_ARGUMENTS) as (keyof PluginArguments)[]) {
    if (!plugins.includes(name) || registry[name] === undefined) {
      continue;
    }
    const errors = checkArguments(name, args[name], []);
    if (errors.length > 0) {
      throw new ConfigurationError(`initializing plugin "${name}": ${aggregateText(errors)}`);
    }
  }
}

const ignoredResourcesOf = (extenders: readonly ExtenderDocument[]): readonly string[] =>
  extenders.flatMap(({ managedResources = [] }) =>
    managedResources.flatMap(({ name, ignoredByScheduler }) => (ignoredByScheduler ? [name] : [])),
  );

/** Every profile must have args that can say what is to be ignored. As buildExtenders (pkg/scheduler/scheduler.go). */
function checkIgnoredResources(
  profiles: readonly ProfileDocument[],
  defaults: PluginSets,
  extenders: readonly ExtenderDocument[],
): void {
  const hasArguments = ({ plugins, pluginConfig = [] }: ProfileDocument): boolean =>
    pluginConfig.some(({ name }) => name === 'NodeResourcesFit') ||
    pluginsIn(mergePluginSets(defaults, plugins)).includes('NodeResourcesFit');
  if (ignoredResourcesOf(extenders).length > 0 && !profiles.every(hasArguments)) {
    throw new ConfigurationError("couldn't build extenders: can't find NodeResourcesFitArgs in plugin config");
  }
}

/** Resources that an extender takes care of are none of the scheduler's. */
function withIgnoredResources(args: PluginArguments, extenders: readonly ExtenderDocument[]): PluginArguments {
  const ignored = ignoredResourcesOf(extenders);
  return ignored.length === 0
    ? args
    : { ...args, NodeResourcesFit: { ...args.NodeResourcesFit, ignoredResources: ignored } };
}

const rawArgumentsOf = ({ pluginConfig = [] }: ProfileDocument, plugins: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    pluginConfig
      .filter(({ name, args }) => !(name in DEFAULT_ARGUMENTS) && plugins.includes(name) && args !== undefined)
      .map(({ name, args }) => [name, args]),
  );
