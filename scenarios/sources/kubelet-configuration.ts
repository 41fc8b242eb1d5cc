import * as z from 'zod';
import type { Path, Problem, Problems } from '../schema/errors.js';
import { check, type Origin, problemAt } from '../schema/problems.js';
import { isRecord, mistake, strict } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import { duration, quantity } from '../schema/values.js';

/** A configuration file of a component, read: its fields without apiVersion and kind. */
export type ConfigurationFields = Readonly<Record<string, unknown>>;

/** Checks the header of a component's configuration, where it has one. False when it is another file. */
export function checkHeader(
  value: unknown,
  wanted: { readonly apiVersions: readonly string[]; readonly kind: string },
  origin: Origin,
  path: Path,
  problems: Problems,
): value is Readonly<Record<string, unknown>> {
  const before = problems.count;
  const refuse = (at: Path, problem: Omit<Problem, 'file' | 'path' | 'position'>): void =>
    problems.add(problemAt(origin, [...path, ...at], problem));
  if (!isRecord(value)) {
    refuse([], { code: 'WRONG_TYPE', message: `expected a ${wanted.kind}, a mapping` });
    return false;
  }
  if (value.kind !== undefined && value.kind !== wanted.kind) {
    refuse(['kind'], { code: 'UNKNOWN_KIND', message: `expected a ${wanted.kind}, found a ${String(value.kind)}` });
  }
  if (value.apiVersion !== undefined && !wanted.apiVersions.includes(String(value.apiVersion))) {
    const message = `${JSON.stringify(value.apiVersion)} is no version of ${wanted.kind}`;
    refuse(['apiVersion'], {
      code: 'BAD_VALUE',
      message,
      hint: didYouMean(String(value.apiVersion), wanted.apiVersions),
    });
  }
  return problems.count === before;
}

/** Reads a KubeletConfiguration; fields that exist and change nothing here go into `unsupported`. */
export function readKubeletConfiguration(
  value: unknown,
  supported: ReadonlySet<string>,
  origin: Origin,
  path: Path,
  problems: Problems,
  unsupported: string[],
): ConfigurationFields {
  const header = {
    apiVersions: ['kubelet.config.k8s.io/v1beta1', 'kubelet.config.k8s.io/v1'],
    kind: 'KubeletConfiguration',
  };
  if (!checkHeader(value, header, origin, path, problems)) {
    return {};
  }
  const { apiVersion: _, kind: __, ...fields } = value;
  const known = new Set([...KNOWN_FIELDS, ...[...supported].filter((name) => !name.includes('.'))]);
  const kept: Record<string, unknown> = {};
  for (const [field, given] of Object.entries(fields)) {
    if (!known.has(field)) {
      const message = 'KubeletConfiguration has no such field';
      problems.add(
        problemAt(origin, [...path, field], { code: 'UNKNOWN_FIELD', message, hint: didYouMean(field, known) }, 'key'),
      );
    } else if (supported.has(field)) {
      const type = FIELD_TYPES[field] ?? z.unknown();
      check(type, given, problems, (steps) => ({ origin, path: [...path, field, ...steps] }));
      kept[field] = given;
      if (field === 'featureGates' && isRecord(given)) {
        const others = Object.keys(given).filter((gate) => !supported.has(`featureGates.${gate}`));
        unsupported.push(...others.map((gate) => `KubeletConfiguration featureGates.${gate}`));
      }
    } else {
      unsupported.push(`KubeletConfiguration ${field}`);
    }
  }
  return kept;
}

/** Eviction signals of k8s 1.37 pkg/kubelet/eviction/api/types.go. */
const SIGNALS = [
  'memory.available',
  'allocatableMemory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'containerfs.available',
  'containerfs.inodesFree',
  'pid.available',
];

const bySignal = <T extends z.ZodType>(value: T) =>
  z.record(z.string(), value).superRefine((map, ctx) => {
    for (const signal of Object.keys(map)) {
      if (!SIGNALS.includes(signal)) {
        const message = `no eviction signal is called ${JSON.stringify(signal)}`;
        mistake(ctx, 'UNKNOWN_FIELD', message, didYouMean(signal, SIGNALS), [signal]);
      }
    }
  });

/** "100Mi", or a share of the capacity: "10%". */
const threshold = z.string().superRefine((text, ctx) => {
  const share = /^(.*)%$/.exec(text)?.[1];
  const fits =
    share === undefined ? quantity.safeParse(text).success : share !== '' && Number(share) >= 0 && Number(share) <= 100;
  if (!fits) {
    mistake(ctx, 'BAD_QUANTITY', `${JSON.stringify(text)} is no threshold`, 'Thresholds are written like 100Mi or 10%');
  }
});

const count = z.int();
const percent = z.int().min(0).max(100);

/** Types of the fields that change something here. */
const FIELD_TYPES: Readonly<Record<string, z.ZodType>> = {
  containerLogMaxFiles: count.min(2),
  containerLogMaxSize: quantity,
  crashLoopBackOff: strict({ maxContainerRestartPeriod: duration.optional() }),
  enforceNodeAllocatable: z.array(z.string()),
  eventBurst: count,
  eventRecordQPS: count,
  evictionHard: bySignal(threshold),
  evictionMaxPodGracePeriod: count,
  evictionMinimumReclaim: bySignal(threshold),
  clusterDNS: z.array(z.string()),
  evictionPressureTransitionPeriod: duration,
  evictionSoft: bySignal(threshold),
  evictionSoftGracePeriod: bySignal(duration),
  featureGates: z.record(z.string(), z.boolean()),
  imageGCHighThresholdPercent: percent,
  imageGCLowThresholdPercent: percent,
  imageMaximumGCAge: duration,
  imageMinimumGCAge: duration,
  kubeAPIBurst: count,
  kubeAPIQPS: count,
  kubeReserved: z.record(z.string(), quantity),
  localStorageCapacityIsolation: z.boolean(),
  maxParallelImagePulls: count,
  maxPods: count.min(0),
  mergeDefaultEvictionSettings: z.boolean(),
  nodeLeaseDurationSeconds: count,
  nodeStatusMaxImages: count,
  nodeStatusReportFrequency: duration,
  nodeStatusUpdateFrequency: duration,
  podPidsLimit: count.min(-1),
  podsPerCore: count.min(0),
  registerNode: z.boolean(),
  registerWithTaints: z.array(
    strict({
      key: z.string(),
      value: z.string().optional(),
      effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
    }),
  ),
  registryBurst: count,
  registryPullQPS: count,
  serializeImagePulls: z.boolean(),
  shutdownGracePeriod: duration,
  shutdownGracePeriodByPodPriority: z.array(strict({ priority: z.int(), shutdownGracePeriodSeconds: z.int().min(0) })),
  shutdownGracePeriodCriticalPods: duration,
  syncFrequency: duration,
  systemReserved: z.record(z.string(), quantity),
  volumeStatsAggPeriod: duration,
};

/** k8s 1.37 staging/src/k8s.io/kubelet config/v1beta1/types.go; some of them from 1.23. */
const KNOWN_FIELDS: readonly string[] = `
address allowedUnsafeSysctls authentication authorization cgroupDriver cgroupRoot cgroupsPerQOS clusterDNS clusterDomain
configMapAndSecretChangeDetectionStrategy containerLogMaxFiles containerLogMaxSize containerLogMaxWorkers
containerLogMonitorInterval containerRuntimeEndpoint contentType contentionProfiling cpuCFSQuota cpuCFSQuotaPeriod
cpuManagerPolicy cpuManagerPolicyOptions cpuManagerReconcilePeriod crashLoopBackOff dynamicKubeletConfigDir
enableContentionProfiling enableControllerAttachDetach enableDebugFlagsHandler enableDebuggingHandlers
enableProfilingHandler enableServer enableSystemLogHandler enableSystemLogQuery enforceNodeAllocatable eventBurst
eventRecordQPS evictionHard evictionMaxPodGracePeriod evictionMinimumReclaim evictionPressureTransitionPeriod evictionSoft
evictionSoftGracePeriod failCgroupV1 failSwapOn featureGates fileCheckFrequency hairpinMode healthzBindAddress healthzPort
httpCheckFrequency imageGCHighThresholdPercent imageGCLowThresholdPercent imageMaximumGCAge imageMinimumGCAge
imagePullCredentialsVerificationPolicy imageServiceEndpoint iptablesDropBit iptablesMasqueradeBit kernelMemcgNotification
kubeAPIBurst kubeAPIQPS kubeReserved kubeReservedCgroup kubeletCgroups localStorageCapacityIsolation logging
makeIPTablesUtilChains maxOpenFiles maxParallelImagePulls maxPods memoryManagerPolicy memorySwap memoryThrottlingFactor
mergeDefaultEvictionSettings nodeLeaseDurationSeconds nodeStatusMaxImages nodeStatusReportFrequency
nodeStatusUpdateFrequency oomScoreAdj podCIDR podLogsDir podPidsLimit podsPerCore port
preloadedImagesVerificationAllowlist protectKernelDefaults providerID qosReserved readOnlyPort registerNode
registerWithTaints registryBurst registryPullQPS reservedMemory reservedSystemCPUs resolvConf rotateCertificates
runOnce runtimeRequestTimeout seccompDefault serializeImagePulls serverTLSBootstrap shutdownGracePeriod
shutdownGracePeriodByPodPriority shutdownGracePeriodCriticalPods showHiddenMetricsForVersion singleProcessOOMKill
staticPodPath staticPodURL staticPodURLHeader streamingConnectionIdleTimeout syncFrequency systemCgroups systemReserved
systemReservedCgroup tlsCertFile tlsCipherSuites tlsCurvePreferences tlsMinVersion tlsPrivateKeyFile topologyManagerPolicy
topologyManagerPolicyOptions topologyManagerScope tracing userNamespaces volumePluginDir volumeStatsAggPeriod
`
  .trim()
  .split(/\s+/);
