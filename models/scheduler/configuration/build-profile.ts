import { EXTENSION_POINTS } from '../framework/plugin.js';
import { Profile } from '../framework/profile.js';
import type { Handle } from '../plugins/handle.js';
import { PLUGINS, type PluginFactory } from '../plugins/registry.js';
import type { PluginRegistry, ResolvedProfile } from './resolve.js';

/**
 * Makes the plugins of a profile.
 * @param userPlugins by name, besides those of Kubernetes
 */
export function buildProfile(resolved: ResolvedProfile, handle: Handle, userPlugins: PluginRegistry = {}): Profile {
  const registry: PluginRegistry = { ...PLUGINS, ...userPlugins };
  const { schedulerName, percentageOfNodesToScore, points, scoreWeights, args } = resolved;
  const names = new Set(EXTENSION_POINTS.flatMap((point) => points[point]));
  return new Profile({
    schedulerName,
    percentageOfNodesToScore,
    points,
    plugins: [...names].map((name) => (registry[name] as PluginFactory).create(args, handle)),
    scoreWeights,
    nominator: handle.nominator,
  });
}
