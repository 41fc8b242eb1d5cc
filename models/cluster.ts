import type { Micros, Recorder, Simulation, TimelineSpec, Watcher } from '../engine/index.js';
import type { Kind, Kinds, Node, Pod } from './api/index.js';
import type { ApiClient, ApiConnection, Component, MetricsClient } from './client-go/index.js';
import type { NodeGroupLevers, NodeGroupOptions } from './cluster/node-groups.js';
import type { ManifestFolder } from './kubelet/index.js';
import type { GivenMetric } from './metrics-adapter/index.js';
import type { SchedulerExtras } from './scheduler/index.js';
import type { Flag } from './versions/index.js';
import type {
  BehaviourOf,
  DiskTemplate,
  ImageDescription,
  Machine,
  Network,
  Registry,
  RuntimeLevers,
  Surroundings,
  WorldSettings,
} from './world/index.js';

export { kubernetes } from './cluster/model.js';

/** A node from below: its machine, its kubelet's process, its containers. Levers for faults. */
export interface ClusterNode {
  readonly name: string;
  readonly machine: Machine;
  readonly kubelet: Component;
  readonly runtime: RuntimeLevers;
  /** The folder of static pods; undefined where another than the real kubelet runs. */
  readonly manifests: ManifestFolder | undefined;
  /** Makes the kubelet's process stand still with all that it has in memory. Answers how it goes on. */
  hangKubelet(): () => void;
}

/** Settings as users have them; each component's own format, parsed and checked by `scenarios/sources`. */
export interface ClusterConfiguration {
  /** Flag name without dashes to its value, as given: 'node-monitor-grace-period' → '40s'. */
  readonly kubeControllerManager?: Readonly<Record<string, string>>;
  /** KubeletConfiguration v1beta1 of all nodes, and by pool. */
  readonly kubelet?: Readonly<Record<string, unknown>>;
  readonly kubeletByPool?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** KubeProxyConfiguration v1alpha1 of all nodes. */
  readonly kubeProxy?: Readonly<Record<string, unknown>>;
  /** Flags of metrics-server, as above; false: there is none. */
  readonly metricsServer?: Readonly<Record<string, string>> | false;
  /** Flags of cluster-autoscaler, as above. */
  readonly clusterAutoscaler?: Readonly<Record<string, string>>;
  /** Settings of Karpenter, as flags. */
  readonly karpenter?: Readonly<Record<string, string>>;
  /** KubeSchedulerConfiguration v1. */
  readonly kubeScheduler?: Readonly<Record<string, unknown>>;
}

export interface ClusterOptions {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly kubernetesVersion: string;
  readonly configuration?: ClusterConfiguration;
  readonly world?: Partial<WorldSettings>;
  readonly behaviourOf?: BehaviourOf;
  /** What the image registry knows of an image, by its full name; every image exists, of the usual size, if nothing is said. */
  readonly imageOf?: (image: string) => ImageDescription | undefined;
  /** Series of the custom and external metrics APIs. */
  readonly metricSeries?: readonly GivenMetric[];
  /** The metrics APIs in place of the real ones: for replaying recordings made that way. */
  readonly metrics?: MetricsClient;
  /** Machines that stand there at the start; each kubelet registers its Node by itself. */
  readonly nodes: readonly NodeTemplate[];
  /** Groups of machines that a cloud adds and removes: for cluster-autoscaler, or for Karpenter once there is a NodePool. */
  readonly nodeGroups?: readonly NodeGroupOptions[];
  /** Wall-clock time of virtual time zero, as Unix seconds; for what Kubernetes derives from dates. */
  readonly startTime: number;
  /** False: every heartbeat, monitor pass and probe is an event. For the twin check. */
  readonly elideQuietEvents?: boolean;
  /**
   * Whether behaviours or whoever watches ask what resolves or is reached (see Surroundings): then kube-proxy on every node and
   * CoreDNS are simulated. Else everything is.
   */
  readonly looksAtTraffic?: boolean;
  /** False: nobody reads Events, and those that no other request waits for are left out. Nothing else changes. */
  readonly keepsEvents?: boolean;
  /** Whether Endpoints objects are written beside EndpointSlices, and mirrored to them. Default: no. */
  readonly keepsEndpoints?: boolean;
  /** Instances of the control plane, each with its scheduler and controller manager. Default: one for each machine of it. */
  readonly controlPlanes?: number;
  /** When the control plane's processes start: sets the phases of their periodic passes. Default: at once. */
  readonly controlPlaneStartsAt?: Micros;
  /** Plugins, extenders and the engine of kube-scheduler. */
  readonly scheduler?: SchedulerExtras;
  /** What plays the kubelet of a node in place of the real one: for replaying recordings made that way. */
  readonly kubelet?: (node: NodeTemplate, api: ApiConnection) => Component;
}

/** A machine and the Node that its kubelet will register. */
export interface NodeTemplate {
  readonly name: string;
  readonly pool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: NonNullable<Node['spec']['taints']>;
  readonly capacity: Readonly<Record<string, string>>;
  /** Its death is that of a member of etcd, and of the control plane's processes on it. */
  readonly isControlPlane?: boolean;
  /** Manifests of static pods: the node's kubelet runs them without asking anybody. */
  readonly staticPods?: readonly Pod[];
  /** Default: one disk of the capacity's ephemeral-storage, with a file for each 16 KiB. */
  readonly disks?: DiskTemplate | undefined;
  /** Default: as many processes as the kernel allows for the memory. */
  readonly maxPID?: number | undefined;
}

/** What a cluster of a version understands; scenarios are checked against it before anything runs. */
export interface ClusterCatalogue {
  /** Flags of metrics-server that change something. */
  readonly metricsServerFlags: readonly Flag[];
  /** Flags of kube-controller-manager that change something. */
  readonly kubeControllerManagerFlags: readonly Flag[];
  /** Flags of cluster-autoscaler that change something. */
  readonly clusterAutoscalerFlags: readonly Flag[];
  /** Settings of Karpenter that change something. */
  readonly karpenterFlags: readonly Flag[];
  /** Fields of KubeletConfiguration that change something, and gates that exist here as `featureGates.NAME`. */
  readonly kubeletFields: readonly string[];
  /** Kinds that some component acts on; objects of the others are stored and lie there. */
  readonly actingKinds: readonly Kind[];
  /** [23] The node monitor queues a node for its NoExecute taint a pass after the one that found it out. */
  readonly taintsAPassLater: boolean;
  /** Everything that can be recorded. */
  readonly timelines: readonly Pick<TimelineSpec<never>, 'name' | 'help'>[];
}

/** How clusters are made; handed to those who run scenarios. */
export interface ClusterModel {
  catalogue(kubernetesVersion: string): ClusterCatalogue;
  /** @throws RangeError when a component refuses its configuration. */
  create(options: ClusterOptions): Cluster;
}

/** One of several processes of which only the leader works. */
export interface Candidate {
  /** "control-plane-0" */
  readonly instance: string;
  readonly election: Component;
  readonly isLeading: boolean;
}

/** A running cluster: the only thing scenarios and tests touch. */
export interface Cluster {
  readonly simulation: Simulation;
  readonly network: Network;
  /** What processes in pods find when they look around. */
  readonly surroundings: Surroundings;
  /** Where images come from. */
  readonly registry: Registry;
  /** kubectl's connection: no token bucket, from party 'user'. */
  readonly user: ApiClient;
  /** The object as stored now: what `kubectl get` would answer without latency. */
  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined;
  list<K extends Kind>(kind: K): Iterable<Kinds[K]>;
  /** Tells of every later write as it happens, without latency; for what looks on. Answers how to stop. */
  watch<K extends Kind>(kind: K, watcher: Watcher<Kinds[K]>): () => void;
  /** From when it is created, metadata.managedFields of this object is kept: it will be applied by the server. */
  keepManagers(kind: Kind, key: string): void;
  node(name: string): ClusterNode | undefined;
  nodeNames(): readonly string[];
  addNode(template: NodeTemplate): ClusterNode;
  /** Levers of a group of machines. */
  nodeGroup(name: string): NodeGroupLevers | undefined;
  /** Processes of the control plane by name: 'kube-controller-manager', 'kube-scheduler'. */
  process(name: string): Component | undefined;
  /** Those of them of which one leads: one on each instance of the control plane, in order. Empty for other names. */
  candidates(name: string): readonly Candidate[];
}
