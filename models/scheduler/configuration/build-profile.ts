import { EXTENSION_POINTS } from '../framework/plugin.js';
import { Profile } from '../framework/profile.js';
import type { PluginArguments } from '../plugins/arguments.js';
import type { Handle } from '../plugins/handle.js';
import { PLUGINS, type PluginFactory } from '../plugins/registry.js';
import { defaultPluginSets, mergePluginSets, type PluginSets, resolvePlugins } from './plugin-sets.js';

/** A profile as configured, with all defaults filled in. */
export interface ProfileConfiguration {
  readonly schedulerName: string;
  /** Overrides that of the whole scheduler. */
  readonly percentageOfNodesToScore: number | undefined;
  /** Merged over the version's defaults. */
  readonly plugins: PluginSets | undefined;
  readonly args: PluginArguments;
}

/**
 * Makes the plugins of a profile.
 * @param userPlugins by name, besides those of Kubernetes
 * @throws ConfigurationError in kube-scheduler's words
 */
export function buildProfile(
  configuration: ProfileConfiguration,
  handle: Handle,
  userPlugins: Readonly<Record<string, PluginFactory>> = {},
): Profile {
  const registry = { ...PLUGINS, ...userPlugins };
  const sets = mergePluginSets(defaultPluginSets(handle.defaults.multiPoint), configuration.plugins);
  const { points, scoreWeights } = resolvePlugins(sets, registry);
  const names = new Set(EXTENSION_POINTS.flatMap((point) => points[point]));
  return new Profile({
    schedulerName: configuration.schedulerName,
    percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    points,
    plugins: [...names].map((name) => (registry[name] as PluginFactory).create(configuration.args, handle)),
    scoreWeights,
    nominator: handle.nominator,
  });
}
