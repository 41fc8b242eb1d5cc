import type { Changes, Defaults } from './profile.js';
import { v1_23 } from './v1-23.js';
import { v1_37 } from './v1-37.js';

export { type ClientLimits, controllerClientFlags, controllerClientLimits } from './client-limits.js';
export { type Flag, type FlagRow, type FlagValue, flagsWith, parseFlag, withFlags } from './flags.js';
export type { Defaults } from './profile.js';

const PROFILES: Readonly<Record<string, Changes>> = { '1.23': v1_23, '1.37': {} };

export const KUBERNETES_VERSIONS: readonly string[] = Object.keys(PROFILES);
export const DEFAULT_KUBERNETES_VERSION = '1.37';

/** The defaults of a version; undefined when no profile has that name. */
export function defaultsFor(kubernetesVersion: string): Defaults | undefined {
  const changes = PROFILES[kubernetesVersion];
  return changes && (merge(v1_37, changes) as Defaults);
}

function merge(base: unknown, changes: unknown): unknown {
  if (changes === undefined) {
    return base;
  }
  if (typeof base !== 'object' || base === null || Array.isArray(base) || typeof changes !== 'object') {
    return changes;
  }
  const merged: Record<string, unknown> = { ...base };
  for (const [key, change] of Object.entries(changes as object)) {
    merged[key] = merge(merged[key], change);
  }
  return merged;
}
