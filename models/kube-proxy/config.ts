import { type Distribution, type Micros, parseDuration } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';
import type { RoutingFeatures } from './decisions.js';

const MODES = ['iptables', 'ipvs', 'nftables'] as const;
type Mode = (typeof MODES)[number];

/** Settings of kube-proxy. */
export interface KubeProxyConfiguration extends RoutingFeatures {
  readonly mode: Mode;
  /** Least time between two writes of the rules. */
  readonly minSyncPeriod: Micros;
  /** How many writes may follow each other at once; undefined: it rests after each. */
  readonly burst: number | undefined;
  /** How long a write of the rules takes. */
  readonly sync: Distribution;
}

/** Fields of KubeProxyConfiguration v1alpha1 that change something. */
export const KUBE_PROXY_CONFIGURATION_FIELDS: readonly string[] = ['mode', ...MODES];

/**
 * @throws RangeError when a field has no such value.
 */
export function kubeProxyConfiguration(
  { kubeProxy, features }: Defaults,
  fields: Readonly<Record<string, unknown>>,
  sync: Distribution,
): KubeProxyConfiguration {
  const mode = (fields['mode'] || kubeProxy.mode) as Mode;
  if (!MODES.includes(mode)) {
    throw new RangeError(
      `KubeProxyConfiguration mode: must be ${MODES.join(', ')} or blank, found ${JSON.stringify(mode)}`,
    );
  }
  if (mode === 'nftables' && !features.NFTablesProxyMode) {
    throw new RangeError('KubeProxyConfiguration mode: this version has no mode nftables');
  }
  const ofMode = (fields[mode] ?? {}) as { readonly minSyncPeriod?: string };
  return {
    mode,
    sync,
    minSyncPeriod: parseDuration(ofMode.minSyncPeriod ?? kubeProxy[mode].minSyncPeriod),
    burst: kubeProxy.burstSyncs === 0 ? undefined : kubeProxy.burstSyncs,
    usesTerminating: features.ProxyTerminatingEndpoints,
    usesZoneHints: features.TopologyAwareHints,
    usesNodeHints: features.PreferSameTrafficDistribution,
  };
}
