import type { NodeAffinity, TopologySpreadConstraint } from '../../api/index.js';
import type { ResourceWeight } from './resource-scoring.js';
import type { ShapePoint } from './shape.js';

/** pluginConfig args as KubeSchedulerConfiguration v1 has them, defaults filled in. */
export interface PluginArguments {
  readonly DefaultPreemption: {
    readonly minCandidateNodesPercentage: number;
    readonly minCandidateNodesAbsolute: number;
  };
  readonly DynamicResources: { readonly filterTimeout: string; readonly bindingTimeout: string };
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight: number;
    readonly ignorePreferredTermsOfExistingPods: boolean;
  };
  readonly NodeAffinity: { readonly addedAffinity?: NodeAffinity };
  readonly NodeResourcesBalancedAllocation: { readonly resources: readonly ResourceWeight[] };
  readonly NodeResourcesFit: {
    readonly ignoredResources?: readonly string[];
    readonly ignoredResourceGroups?: readonly string[];
    readonly scoringStrategy: {
      readonly type: string;
      readonly resources: readonly ResourceWeight[];
      readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
    };
  };
  readonly PodTopologySpread: {
    readonly defaultConstraints?: readonly TopologySpreadConstraint[];
    readonly defaultingType: string;
  };
  readonly VolumeBinding: { readonly bindTimeoutSeconds: number; readonly shape?: readonly ShapePoint[] };
}

const BASIC_RESOURCES: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** pkg/scheduler/apis/config/v1/defaults.go SetDefaults_*Args. */
export const DEFAULT_ARGUMENTS: PluginArguments = {
  DefaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  DynamicResources: { filterTimeout: '10s', bindingTimeout: '10m0s' },
  InterPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
  NodeAffinity: {},
  NodeResourcesBalancedAllocation: { resources: BASIC_RESOURCES },
  NodeResourcesFit: { scoringStrategy: { type: 'LeastAllocated', resources: BASIC_RESOURCES } },
  PodTopologySpread: { defaultingType: 'System' },
  VolumeBinding: {
    bindTimeoutSeconds: 600,
    shape: [
      { utilization: 0, score: 10 },
      { utilization: 100, score: 0 },
    ],
  },
};
