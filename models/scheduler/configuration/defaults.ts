import { formatDuration, parseDuration } from '../../../engine/index.js';
import type { Defaults } from '../../versions/index.js';
import { DEFAULT_ARGUMENTS, type PluginArguments } from '../plugins/arguments.js';
import type { ResourceWeight } from '../plugins/resource-scoring.js';
import type { ShapePoint } from '../plugins/shape.js';
import type { ConfigurationDocument, ExtenderDocument, ProfileDocument } from './document.js';
import type { Json } from './strict-reader.js';

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/** pkg/scheduler/apis/config/v1/defaults.go, k8s.io/component-base config/v1alpha1/defaults.go. */
const LEADER_ELECTION: ConfigurationDocument['leaderElection'] = {
  leaderElect: true,
  leaseDuration: '15s',
  renewDeadline: '10s',
  retryPeriod: '2s',
  resourceLock: 'leases',
  resourceName: 'kube-scheduler',
  resourceNamespace: 'kube-system',
};

const CONTENT_TYPE = 'application/vnd.kubernetes.protobuf';
const EXTENDER_TIMEOUT = '5s';

/** What kube-scheduler runs sixteen workers for; the simulator decides as one would. */
const PARALLELISM = 16;

/** Fills in what the document leaves out. As SetDefaults_KubeSchedulerConfiguration. */
export function withDefaults(document: Json, defaults: Defaults['kubeScheduler']): ConfigurationDocument {
  const given = document as Partial<ConfigurationDocument>;
  const profiles: readonly ProfileDocument[] = given.profiles?.length ? given.profiles : [{}];
  const only = profiles.length === 1 ? profiles[0] : undefined;
  const { delayCacheUntilActive, ...rest } = given;
  return {
    ...rest,
    ...(delayCacheUntilActive && { delayCacheUntilActive }),
    parallelism: given.parallelism ?? PARALLELISM,
    leaderElection: electionWithDefaults(given.leaderElection),
    clientConnection: {
      kubeconfig: '',
      acceptContentTypes: '',
      ...given.clientConnection,
      contentType: given.clientConnection?.contentType || CONTENT_TYPE,
      qps: given.clientConnection?.qps || defaults.clientQps,
      burst: given.clientConnection?.burst || defaults.clientBurst,
    },
    enableProfiling: given.enableProfiling ?? true,
    enableContentionProfiling: given.enableContentionProfiling ?? given.enableProfiling ?? true,
    percentageOfNodesToScore: given.percentageOfNodesToScore ?? defaults.percentageOfNodesToScore,
    podInitialBackoffSeconds: given.podInitialBackoffSeconds ?? defaults.podInitialBackoffSeconds,
    podMaxBackoffSeconds: given.podMaxBackoffSeconds ?? defaults.podMaxBackoffSeconds,
    profiles:
      only !== undefined && only.schedulerName === undefined
        ? [{ ...only, schedulerName: DEFAULT_SCHEDULER_NAME }]
        : profiles,
    ...(given.extenders !== undefined && { extenders: given.extenders.map(extenderWithDefaults) }),
  };
}

/** As RecommendedDefaultLeaderElectionConfiguration: what is zero or empty counts as left out. */
function electionWithDefaults(
  given: Partial<ConfigurationDocument['leaderElection']> = {},
): ConfigurationDocument['leaderElection'] {
  const duration = (name: 'leaseDuration' | 'renewDeadline' | 'retryPeriod'): string => {
    const text = given[name];
    return text === undefined || parseDuration(text) === 0 ? LEADER_ELECTION[name] : durationText(text);
  };
  return {
    leaderElect: given.leaderElect ?? LEADER_ELECTION.leaderElect,
    leaseDuration: duration('leaseDuration'),
    renewDeadline: duration('renewDeadline'),
    retryPeriod: duration('retryPeriod'),
    resourceLock: given.resourceLock || LEADER_ELECTION.resourceLock,
    resourceName: given.resourceName || LEADER_ELECTION.resourceName,
    resourceNamespace: given.resourceNamespace || LEADER_ELECTION.resourceNamespace,
  };
}

const extenderWithDefaults = ({ tlsConfig, managedResources, ...extender }: ExtenderDocument): ExtenderDocument => ({
  urlPrefix: '',
  ...withoutZeros(extender),
  ...(tlsConfig && { tlsConfig: withoutZeros(tlsConfig) }),
  ...(managedResources?.length && {
    managedResources: managedResources.map(({ name = '', ...rest }) => ({ name, ...withoutZeros(rest) })),
  }),
  httpTimeout: timeoutOf(extender),
});

/** As NewHTTPExtender (pkg/scheduler/extender.go). */
const timeoutOf = ({ httpTimeout = '0' }: ExtenderDocument): string =>
  durationText(parseDuration(httpTimeout) === 0 ? EXTENDER_TIMEOUT : httpTimeout);

/** What an object is without the fields that say nothing: Go's omitempty. */
const withoutZeros = <T extends object>(object: T): T =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => Boolean(value) && !(Array.isArray(value) && value.length === 0)),
  ) as T;

/** As metav1.Duration is written again: "600s" becomes "10m0s". */
const durationText = (text: string): string => formatDuration(parseDuration(text));

/** The args of all plugins that take some, the profile's over the defaults. As SetDefaults_…Args. */
export function argumentsOf({ pluginConfig }: ProfileDocument): PluginArguments {
  const given = (name: keyof PluginArguments): Json =>
    (pluginConfig?.find((entry) => entry.name === name)?.args ?? {}) as Json;
  const { DefaultPreemption, InterPodAffinity, PodTopologySpread, DynamicResources } = DEFAULT_ARGUMENTS;
  const durations = { ...DynamicResources, ...given('DynamicResources') } as PluginArguments['DynamicResources'];
  return {
    DefaultPreemption: { ...DefaultPreemption, ...given('DefaultPreemption') },
    DynamicResources: {
      filterTimeout: durationText(durations.filterTimeout),
      bindingTimeout: durationText(durations.bindingTimeout),
    },
    InterPodAffinity: { ...InterPodAffinity, ...given('InterPodAffinity') },
    NodeAffinity: given('NodeAffinity'),
    NodeResourcesBalancedAllocation: { resources: resourcesOf(given('NodeResourcesBalancedAllocation')) },
    NodeResourcesFit: fitArguments(given('NodeResourcesFit')),
    PodTopologySpread: { ...PodTopologySpread, ...withoutZeros(given('PodTopologySpread')) },
    VolumeBinding: volumeBindingArguments(given('VolumeBinding')),
  };
}

function volumeBindingArguments({ shape, ...given }: Json): PluginArguments['VolumeBinding'] {
  const points = (shape ?? []) as readonly Partial<ShapePoint>[];
  return {
    ...DEFAULT_ARGUMENTS.VolumeBinding,
    ...given,
    ...(points.length > 0 && { shape: points.map(completePoint) }),
  };
}

const completePoint = ({ utilization = 0, score = 0 }: Partial<ShapePoint>): ShapePoint => ({ utilization, score });

function fitArguments(given: Json): PluginArguments['NodeResourcesFit'] {
  const strategy = given.scoringStrategy as Json | undefined;
  if (strategy === undefined) {
    return { ...withoutZeros(given), scoringStrategy: DEFAULT_ARGUMENTS.NodeResourcesFit.scoringStrategy };
  }
  const ratio = strategy.requestedToCapacityRatio as { readonly shape?: readonly Partial<ShapePoint>[] } | undefined;
  return {
    ...withoutZeros(given),
    scoringStrategy: {
      type: String(strategy.type ?? ''),
      resources: resourcesOf(strategy),
      ...(ratio && { requestedToCapacityRatio: { shape: (ratio.shape ?? []).map(completePoint) } }),
    },
  };
}

/** cpu and memory when none are named; weight 1 where none is given. */
function resourcesOf({ resources }: Json): readonly ResourceWeight[] {
  const given = (resources ?? []) as readonly Partial<ResourceWeight>[];
  return given.length === 0
    ? DEFAULT_ARGUMENTS.NodeResourcesBalancedAllocation.resources
    : given.map(({ name = '', weight }) => ({ name, weight: weight || 1 }));
}
