import * as z from 'zod';
import type { Path, Problems } from '../schema/errors.js';
import { check, type Origin, problemAt } from '../schema/problems.js';
import { strict } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { duration } from '../schema/values.js';
import { type ConfigurationFields, checkHeader } from './kubelet-configuration.js';

/** What is understood of each mode; the rest of its fields changes nothing here. */
const ofMode = (...others: readonly string[]) =>
  strict({
    minSyncPeriod: duration.optional(),
    syncPeriod: duration.optional(),
    ...Object.fromEntries(others.map((field) => [field, z.unknown().optional()])),
  });

const SUPPORTED: Readonly<Record<string, z.ZodType>> = {
  mode: z.enum(['iptables', 'ipvs', 'nftables']),
  iptables: ofMode('masqueradeBit', 'masqueradeAll', 'localhostNodePorts'),
  ipvs: ofMode('scheduler', 'excludeCIDRs', 'strictARP', 'tcpTimeout', 'tcpFinTimeout', 'udpTimeout'),
  nftables: ofMode('masqueradeBit', 'masqueradeAll'),
};

/** Fields of KubeProxyConfiguration v1alpha1 (k8s.io/kube-proxy config/v1alpha1/types.go) that change nothing here. */
const OTHERS = [
  'bindAddress',
  'bindAddressHardFail',
  'clientConnection',
  'clusterCIDR',
  'configSyncPeriod',
  'conntrack',
  'detectLocal',
  'detectLocalMode',
  'enableProfiling',
  'featureGates',
  'healthzBindAddress',
  'hostnameOverride',
  'logging',
  'metricsBindAddress',
  'nodePortAddresses',
  'oomScoreAdj',
  'portRange',
  'showHiddenMetricsForVersion',
  'windowsRunAsService',
  'winkernel',
];

/** Reads a KubeProxyConfiguration; fields that exist and change nothing here go into `unsupported`. */
export function readKubeProxyConfiguration(
  value: unknown,
  origin: Origin,
  path: Path,
  problems: Problems,
  unsupported: string[],
): ConfigurationFields {
  const header = { apiVersions: ['kubeproxy.config.k8s.io/v1alpha1'], kind: 'KubeProxyConfiguration' };
  if (!checkHeader(value, header, origin, path, problems)) {
    return {};
  }
  const { apiVersion: _, kind: __, ...fields } = value;
  const known = [...Object.keys(SUPPORTED), ...OTHERS];
  const kept: Record<string, unknown> = {};
  for (const [field, given] of Object.entries(fields)) {
    const type = SUPPORTED[field];
    if (field === 'mode' && given === '') {
      continue; // as kubeadm writes it: the default
    }
    if (type !== undefined) {
      check(type, given, problems, (steps) => ({ origin, path: [...path, field, ...steps] }));
      kept[field] = given;
    } else if (known.includes(field)) {
      unsupported.push(`KubeProxyConfiguration ${field}`);
    } else {
      const message = 'KubeProxyConfiguration has no such field';
      problems.add(
        problemAt(origin, [...path, field], { code: 'UNKNOWN_FIELD', message, hint: didYouMean(field, known) }, 'key'),
      );
    }
  }
  return kept;
}
