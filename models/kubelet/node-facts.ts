import { type Node, type ResourceList, ResourceSum, valueOf } from '../api/index.js';
import type { Defaults } from '../versions/index.js';
import type { Machine, StoredImage } from '../world/index.js';
import { nodeAllocatableReservation } from './allocatable/index.js';
import { type KubeletConfiguration, withFeatureGates } from './config.js';
import { effectiveEvictionHard, hardEvictionReservation } from './eviction/index.js';
import { initialNode, type NodeFacts, type NodeIdentity } from './heartbeat/index.js';

/** The machines of this simulator: what `uname` and the container runtime would say, and nothing here goes by. */
const OPERATING_SYSTEM = 'linux';
const ARCHITECTURE = 'amd64';
const KUBELET_PORT = 10250;

/** The node as its kubelet is configured to register it. */
export const nodeIdentity = (node: Pick<NodeIdentity, 'name' | 'labels' | 'taints'>): NodeIdentity => ({
  name: node.name,
  labels: node.labels,
  taints: node.taints,
  operatingSystem: OPERATING_SYSTEM,
  architecture: ARCHITECTURE,
});

export interface NodeFactsSources {
  readonly defaults: Defaults;
  readonly configuration: KubeletConfiguration;
  readonly name: string;
  readonly hostIP: string;
  readonly capacity: ResourceList;
  readonly machine: Machine;
  /** Pressure conditions in force: "MemoryPressure". */
  readonly pressure: () => readonly string[];
  /** Why the node is not ready. */
  readonly readyErrors: () => readonly string[];
  /** As the kubelet last listed them. */
  readonly images: () => readonly StoredImage[];
  /** Undefined: the status stays as it is. */
  readonly volumesInUse: () => readonly string[] | undefined;
}

/** What the kubelet knows of its node, asked anew at each status (k8s 1.37 pkg/kubelet/nodestatus/setters.go). */
export function nodeFactsFrom(sources: NodeFactsSources): () => NodeFacts {
  const { capacity, defaults, hostIP, machine, name } = sources;
  const reserved = reservedOf(sources);
  const features = declaredFeatures(defaults);
  return () => {
    const pressure = new Set(sources.pressure());
    const volumesInUse = sources.volumesInUse();
    return {
      addresses: [
        { type: 'InternalIP', address: hostIP },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        architecture: ARCHITECTURE,
        bootID: machine.bootId,
        containerRuntimeVersion: 'containerd://2.0',
        kernelVersion: '6.1',
        kubeProxyVersion: '',
        kubeletVersion: `v${defaults.kubernetesVersion}`,
        machineID: name,
        operatingSystem: OPERATING_SYSTEM,
        osImage: 'Linux',
        systemUUID: name,
      },
      capacity,
      reserved,
      images: sources
        .images()
        .map((image) => ({ names: [image.name], sizeBytes: image.bytes }))
        .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.names.join() < b.names.join() ? -1 : 1)),
      ...(volumesInUse !== undefined && { volumesInUse }),
      ...features,
      kubeletPort: KUBELET_PORT,
      isUnderPressure: {
        Memory: pressure.has('MemoryPressure'),
        Disk: pressure.has('DiskPressure'),
        PID: pressure.has('PIDPressure'),
      },
      readyErrors: sources.readyErrors(),
    };
  };
}

/**
 * By these the scheduler keeps pods that need a feature away from kubelets without it. As nodedeclaredfeatures
 * (k8s.io/component-helpers); leaves out features that no pod can ask for here.
 */
const declaredFeatures = ({ features }: Defaults): Pick<NodeFacts, 'declaredFeatures'> =>
  features.NodeDeclaredFeatures && features.RestartAllContainersOnContainerExits
    ? { declaredFeatures: ['RestartAllContainersOnContainerExits'] }
    : {};

function reservedOf({
  capacity,
  configuration,
  defaults,
}: Pick<NodeFactsSources, 'capacity' | 'configuration' | 'defaults'>): ResourceList {
  const evictionHard = effectiveEvictionHard(defaults.kubelet.eviction, configuration);
  const bytes = hardEvictionReservation(evictionHard, {
    memory: valueOf(capacity['memory'] ?? '0'),
    'ephemeral-storage': valueOf(capacity['ephemeral-storage'] ?? '0'),
  });
  const hardEviction = Object.fromEntries(
    Object.entries(bytes).map(([resource, amount]) => [resource, String(amount)]),
  );
  const { kubeReserved, systemReserved } = configuration;
  return nodeAllocatableReservation(capacity, { kubeReserved, systemReserved, hardEviction });
}

/** The Node of such a machine once its kubelet has joined and is ready: what autoscalers reckon with before there is one. */
export function nodeOnceReady(
  node: Pick<NodeIdentity, 'name' | 'labels' | 'taints'> & Pick<NodeFactsSources, 'capacity'>,
  configuration: KubeletConfiguration,
  defaults: Defaults,
): Node {
  const { capacity, name, labels } = node;
  const taints = [...node.taints, ...(configuration.registerWithTaints ?? [])];
  const reserved = reservedOf({ capacity, configuration, defaults });
  const allocatable = new ResourceSum().add(capacity).subtract(reserved).max({}).toList();
  const conditions = [{ type: 'Ready', status: 'True' }];
  const status = { capacity, allocatable, conditions, ...declaredFeatures(withFeatureGates(defaults, configuration)) };
  return { ...initialNode(nodeIdentity({ name, labels, taints })), status };
}
