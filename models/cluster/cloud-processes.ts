import type { Component, ControllerContext } from '../client-go/index.js';
import {
  CloudNodeLifecycleController,
  cloudNodeLifecycleConfiguration,
} from '../cloud-node-lifecycle-controller/index.js';
import type { ClusterNode, ClusterOptions, NodeTemplate } from '../cluster.js';
import { ClusterAutoscaler, clusterAutoscalerConfiguration } from '../cluster-autoscaler/index.js';
import { Karpenter, karpenterConfiguration } from '../karpenter/index.js';
import { nodeOnceReady } from '../kubelet/index.js';
import { schedulerConfiguration, whatIfs } from '../scheduler/index.js';
import { createServiceController, serviceControllerConfiguration } from '../service-controller/index.js';
import type { Defaults } from '../versions/index.js';
import { Cloud, type WorldSettings } from '../world/index.js';
import { ControlPlaneProcess } from './control-plane-process.js';
import { CloudNodeGroup } from './node-groups.js';
import { kubeletConfiguration } from './simulated-node.js';

export interface CloudSite {
  readonly options: ClusterOptions;
  readonly defaults: Defaults;
  readonly settings: WorldSettings;
  readonly contextOf: (process: string) => ControllerContext;
  /** Puts a machine up: its power is on, its kubelet does not run yet. */
  readonly place: (template: NodeTemplate) => ClusterNode;
  readonly node: (name: string) => ClusterNode | undefined;
}

/** The processes of a cluster in a cloud: none where the world has neither load balancers nor groups of machines. */
export function cloudProcesses(site: CloudSite, groups: readonly CloudNodeGroup[]): readonly Component[] {
  const { settings, options } = site;
  const controllers: ((context: ControllerContext) => Component)[] = [];
  const { loadBalancer } = settings;
  if (loadBalancer !== undefined) {
    const cloud = new Cloud(options.simulation, loadBalancer);
    controllers.push((context) =>
      createServiceController(context, serviceControllerConfiguration(site.defaults), cloud),
    );
  }
  if (groups.length > 0) {
    controllers.push((context) => nodeLifecycle(site, groups, context));
  }
  if (controllers.length === 0) {
    return [];
  }
  const context = site.contextOf('cloud-controller-manager');
  const made = controllers.map((make) => make(context));
  const manager = new ControlPlaneProcess('cloud-controller-manager', context.informers, made);
  const sized = groups.filter(({ isClaimed }) => !isClaimed);
  return sized.length > 0 ? [manager, autoscaler(site, sized)] : [manager];
}

/** The groups of machines that the cloud makes for the cluster. */
export const nodeGroups = ({ options, defaults, settings, node, place }: CloudSite): readonly CloudNodeGroup[] =>
  (options.nodeGroups ?? []).map(
    (group) =>
      new CloudNodeGroup(group, {
        simulation: options.simulation,
        provisioning: settings.machineProvisioning,
        nodeOnceReady: (template) => nodeOnceReady(template, kubeletConfiguration(options, template.pool), defaults),
        place: (template) => {
          const { kubelet, machine } = place(template);
          options.simulation.after(settings.machineBoot, () => machine.isOn && kubelet.start());
        },
        remove: (name) => node(name)?.machine.remove(),
      }),
  );

function nodeLifecycle(site: CloudSite, groups: readonly CloudNodeGroup[], context: ControllerContext): Component {
  const groupOf = (name: string): CloudNodeGroup | undefined => groups.find((group) => group.hasMade(name));
  return new CloudNodeLifecycleController({
    context,
    config: cloudNodeLifecycleConfiguration(site.defaults),
    // Machines of no group exist as long as they stand there.
    exists: (name) => groupOf(name)?.instances().includes(name) ?? true,
    onRemoval: (listener) => {
      for (const group of groups) {
        group.onRemoval(listener);
      }
    },
  });
}

/** Karpenter, for clusters with machines that it may claim; it starts with the first NodePool. */
export function karpenter(site: CloudSite, groups: readonly CloudNodeGroup[]): Component | undefined {
  const claimed = groups.filter(({ isClaimed }) => isClaimed);
  if (claimed.length === 0) {
    return undefined;
  }
  const { options, defaults } = site;
  const context = site.contextOf('karpenter');
  const simulate = whatIfs(context.informers, schedulerConfiguration(defaults));
  const component = new Karpenter({
    context,
    config: karpenterConfiguration(defaults, options.configuration?.karpenter),
    surroundings: { instanceTypes: claimed.map(({ instanceType }) => instanceType), simulate },
    startTime: options.startTime,
  });
  return new ControlPlaneProcess('karpenter', context.informers, [component]);
}

function autoscaler({ options, defaults, contextOf }: CloudSite, groups: readonly CloudNodeGroup[]): Component {
  const context = contextOf('cluster-autoscaler');
  const { configuration, startTime } = options;
  // Its own scheduler framework has the default configuration, whatever kube-scheduler runs with.
  const simulate = whatIfs(context.informers, schedulerConfiguration(defaults));
  const component = new ClusterAutoscaler({
    context,
    config: clusterAutoscalerConfiguration(defaults, configuration?.clusterAutoscaler),
    surroundings: { groups, simulate },
    startTime,
  });
  return new ControlPlaneProcess('cluster-autoscaler', context.informers, [component]);
}
