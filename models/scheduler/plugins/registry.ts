import type { GroupPoint } from '../configuration/document.js';
import type { ExtensionPoint, Plugin } from '../framework/plugin.js';
import type { PluginArguments } from './arguments.js';
import { defaultBinder } from './default-binder.js';
import { defaultPreemption } from './default-preemption.js';
import { dynamicResources } from './dynamic-resources.js';
import type { Handle } from './handle.js';
import { imageLocality } from './image-locality.js';
import { interPodAffinity } from './inter-pod-affinity.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeDeclaredFeatures } from './node-declared-features.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import { podTopologySpread } from './pod-topology-spread.js';
import { prioritySort } from './priority-sort.js';
import { scoringStrategyOf } from './resource-scoring.js';
import { schedulingGates } from './scheduling-gates.js';
import { selectorSpread } from './selector-spread.js';
import { taintToleration } from './taint-toleration.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

/** How a plugin is made for a profile, and where it takes part. */
export interface PluginFactory {
  readonly points: readonly (ExtensionPoint | GroupPoint)[];
  /** @param ownArguments args of a plugin that has no type of args, as given */
  readonly create: (args: PluginArguments, handle: Handle, ownArguments?: unknown) => Plugin;
}

const FILTER: readonly ExtensionPoint[] = ['preFilter', 'filter'];
const SCORE: readonly ExtensionPoint[] = ['preScore', 'score'];

/** Every plugin by its name in KubeSchedulerConfiguration. */
export const PLUGINS: Readonly<Record<string, PluginFactory>> = {
  DefaultBinder: { points: ['bind'], create: (_, { postBinding }) => defaultBinder(postBinding) },
  DefaultPreemption: {
    points: ['preEnqueue', 'postFilter', 'podGroupPostFilter'],
    create: ({ DefaultPreemption: args }, { defaults, listers, preemptionClient, uniform, extenders }) =>
      defaultPreemption({ ...args, rules: defaults.preemption, listers, client: preemptionClient, uniform, extenders }),
  },
  DynamicResources: {
    points: ['preEnqueue', ...FILTER, 'postFilter', 'score', 'reserve', 'preBind', 'podGroupPostFilter'],
    create: () => dynamicResources(),
  },
  // Works for pod groups alone, and lets every other pod pass.
  GangScheduling: { points: ['preEnqueue', 'permit'], create: () => ({ name: 'GangScheduling' }) },
  ImageLocality: {
    points: ['score'],
    create: (_, { defaults, snapshot }) =>
      imageLocality({ ...defaults.imageLocality, nodeCount: () => snapshot().nodes.length }),
  },
  InterPodAffinity: {
    points: [...FILTER, ...SCORE],
    create: (args, { listers }) => interPodAffinity({ ...args.InterPodAffinity, listers }),
  },
  NodeAffinity: {
    points: [...FILTER, ...SCORE],
    create: (args, { defaults }) =>
      nodeAffinity({
        addedAffinity: args.NodeAffinity.addedAffinity,
        narrowsNodes: defaults.preFilterNarrowsNodes,
      }),
  },
  NodeDeclaredFeatures: { points: FILTER, create: () => nodeDeclaredFeatures() },
  NodeName: { points: FILTER, create: (_, { defaults }) => nodeName(defaults.preFilterNarrowsNodes) },
  NodePorts: { points: FILTER, create: () => nodePorts() },
  NodeResourcesBalancedAllocation: {
    points: SCORE,
    create: (args, { defaults }) =>
      nodeResourcesBalancedAllocation({
        ...args.NodeResourcesBalancedAllocation,
        scoresImprovement: defaults.balancedAllocationScoresImprovement,
      }),
  },
  NodeResourcesFit: {
    points: [...FILTER, ...SCORE, 'placementScore'],
    create: ({ NodeResourcesFit: args }) =>
      nodeResourcesFit({
        ignoredResources: args.ignoredResources ?? [],
        ignoredResourceGroups: args.ignoredResourceGroups ?? [],
        scoringStrategy: scoringStrategyOf(args.scoringStrategy),
      }),
  },
  NodeUnschedulable: { points: FILTER, create: () => nodeUnschedulable() },
  NodeVolumeLimits: { points: FILTER, create: (_, { listers }) => nodeVolumeLimits(listers) },
  PodTopologySpread: {
    points: [...FILTER, ...SCORE],
    create: ({ PodTopologySpread: args }, { defaults, listers }) =>
      podTopologySpread({
        defaultConstraints: args.defaultingType === 'System' ? undefined : (args.defaultConstraints ?? []),
        features: defaults.podTopologySpread,
        listers,
      }),
  },
  PrioritySort: { points: ['queueSort'], create: () => prioritySort() },
  SchedulingGates: { points: ['preEnqueue'], create: () => schedulingGates() },
  SelectorSpread: { points: SCORE, create: (_, { listers }) => selectorSpread(listers) },
  TaintToleration: {
    points: [...FILTER, ...SCORE],
    create: (_, { defaults }) => taintToleration(defaults.taintReasonNamesTaint),
  },
  VolumeBinding: {
    points: [...FILTER, ...SCORE, 'reserve', 'preBind'],
    create: ({ VolumeBinding: args }, { defaults, listers, volumeClient }) =>
      volumeBinding({
        bindTimeoutSeconds: args.bindTimeoutSeconds,
        shape: defaults.scoresStorage ? args.shape : undefined,
        listers,
        client: volumeClient,
      }),
  },
  VolumeRestrictions: { points: FILTER, create: (_, { listers }) => volumeRestrictions(listers) },
  VolumeZone: { points: FILTER, create: (_, { listers }) => volumeZone(listers) },
};
