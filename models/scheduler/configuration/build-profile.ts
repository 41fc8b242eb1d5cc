import { EXTENSION_POINTS } from '../framework/plugin.js';
import { Profile } from '../framework/profile.js';
import type { Handle } from '../plugins/handle.js';
import { PLUGINS, type PluginFactory } from '../plugins/registry.js';
import { factoryOf, type SchedulerPlugin } from '../plugins/user-plugin.js';
import type { PluginRegistry, ResolvedProfile } from './resolve.js';

/** Plugins of Kubernetes, and those of a user. */
export const registryWith = (userPlugins: readonly SchedulerPlugin[]): PluginRegistry => ({
  ...PLUGINS,
  ...Object.fromEntries(userPlugins.map((plugin) => [plugin.name, factoryOf(plugin)])),
});

/**
 * Makes the plugins of a profile.
 * @param userPlugins besides those of Kubernetes
 */
export function buildProfile(
  resolved: ResolvedProfile,
  handle: Handle,
  userPlugins: readonly SchedulerPlugin[] = [],
): Profile {
  const registry = registryWith(userPlugins);
  const { schedulerName, percentageOfNodesToScore, points, scoreWeights, args, rawArgs } = resolved;
  const names = new Set(EXTENSION_POINTS.flatMap((point) => points[point]));
  return new Profile({
    schedulerName,
    percentageOfNodesToScore,
    points,
    plugins: [...names].map((name) => (registry[name] as PluginFactory).create(args, handle, rawArgs[name])),
    scoreWeights,
    nominator: handle.nominator,
  });
}
