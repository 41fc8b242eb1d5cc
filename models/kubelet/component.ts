import type { Recorder, Simulation } from '../../engine/index.js';
import { type Node, nodeParty, type Pod, type Taint } from '../api/index.js';
import type {
  ApiClient,
  ApiConnection,
  Component,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import type { ContainerRuntime, Machine } from '../world/index.js';
import { type KubeletConfiguration, kubeletCapacity, kubeletSettings, withFeatureGates } from './config.js';
import { heartbeatSettings, NodeHeartbeat } from './heartbeat/index.js';
import { KubeletProcess } from './kubelet-process.js';
import { nodeFactsFrom, nodeIdentity } from './node-facts.js';
import { ResourceMetrics } from './resource-metrics/resource-metrics.js';
import { staticPod } from './static-pods/decisions.js';
import { ManifestFolder } from './static-pods/manifest-folder.js';

/** The Node that a kubelet stands for. */
export interface KubeletNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly capacity: Readonly<Record<string, string>>;
  /** Manifests that are in the folder which staticPodPath names when the machine is put there. */
  readonly staticPods?: readonly Pod[];
}

export interface KubeletOptions {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly api: ApiConnection;
  readonly defaults: Defaults;
  readonly node: KubeletNode;
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  /** Address of the node. */
  readonly hostIP: string;
  readonly configuration?: KubeletConfiguration;
  /** False: every tick of every loop is an event. For the twin check. */
  readonly elideQuietEvents?: boolean;
}

/**
 * The kubelet of one node. It starts only on a machine that is on. Stopping it leaves its containers running; starting it again
 * begins with an empty memory.
 */
export interface Kubelet extends Component {
  /** What it tells of its containers' usage, and told in the last minutes. */
  readonly resourceMetrics: ResourceMetrics;
  /** The folder of static pods. */
  readonly manifests: ManifestFolder;
  /** Makes it stand still with all that it has in memory, as a deadlock or SIGSTOP does. Answers how it goes on. */
  hang(): () => void;
}

export function createKubelet(options: KubeletOptions): Kubelet {
  return new NodeKubelet(options);
}

class NodeKubelet implements Kubelet {
  readonly name: string;
  readonly resourceMetrics: ResourceMetrics;
  readonly manifests: ManifestFolder;
  readonly #options: KubeletOptions;
  readonly #settings;
  readonly #nodeInformers: InformerFactory;
  readonly #podInformers: InformerFactory;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #eventApi: ApiClient;
  readonly #events: EventRecorder;
  readonly #heartbeat: NodeHeartbeat;
  /** What the watch has told while the process stands still; undefined while it does not. */
  #unheard: (() => void)[] | undefined;
  #process: KubeletProcess | undefined;
  #starts = 0;

  constructor(options: KubeletOptions) {
    this.#options = options;
    const { api, configuration, machine, node } = options;
    const defaults = withFeatureGates(options.defaults, configuration ?? {});
    this.name = `kubelet/${node.name}`;
    this.#settings = kubeletSettings(defaults, options.runtime.disks.layout, configuration);
    this.resourceMetrics = new ResourceMetrics(
      options.runtime,
      this.#settings.stats,
      options.simulation.stream('cadvisor housekeeping'),
    );
    this.manifests = new ManifestFolder(node.staticPods ?? [], (before, after) =>
      this.#hear(() => this.#process?.syncLoop.staticPodChanged(this.#asPod(before), this.#asPod(after))),
    );
    const identity = { name: 'kubelet', from: nodeParty(node.name) };
    this.#nodeInformers = api.informers(identity);
    this.#podInformers = api.informers(identity);
    this.#nodes = this.#nodeInformers.informer('Node', { name: node.name });
    this.#pods = this.#podInformers.informer('Pod', { nodeName: node.name });
    this.#pods.onChange({
      added: (pod) => this.#hear(() => this.#process?.syncLoop.podAdded(pod)),
      modified: (pod, before) => this.#hear(() => this.#onPodModified(pod, before)),
      deleted: (pod) => this.#hear(() => this.#process?.syncLoop.podRemoved(pod)),
    });
    if (this.#settings.mirrorsAtRegistration) {
      const registered = (): void => this.#hear(() => this.#process?.syncLoop.nodeRegistered());
      this.#nodes.onChange({ added: registered, modified: () => {}, deleted: () => {} });
    }
    const { eventRecordQPS: qps, eventBurst: burst } = this.#settings;
    this.#eventApi = api.client({ name: 'kubelet/events', from: identity.from, qps, burst });
    this.#events = api.eventRecorder(this.#eventApi, {
      component: 'kubelet',
      host: node.name,
      hasOwnClient: true,
    });
    this.#heartbeat = this.#makeHeartbeat(defaults);
    machine.onClock(() => this.#heartbeat.clockChanged());
  }

  start(): void {
    if (this.#process !== undefined || !this.#options.machine.isOn) {
      return;
    }
    const { api, hostIP, node, recorder, runtime, simulation } = this.#options;
    const process = new KubeletProcess({
      simulation,
      recorder,
      api,
      machine: this.#options.machine,
      runtime,
      settings: this.#settings,
      nodeName: node.name,
      capacity: this.#capacity,
      hostIP,
      ordinal: this.#starts++,
      elidesQuietTicks: this.#options.elideQuietEvents ?? true,
      node: () => this.#nodes.get(node.name) ?? initialNode(node),
      registeredNode: () => this.#nodes.get(node.name),
      hasPods: () => this.#pods.hasSynced,
      events: this.#events,
      onRuntimeUp: () => this.#heartbeat.tellOfInitialNode(),
      onRuntimeChange: () => this.#heartbeat.runtimeChanged(),
      onChange: () => this.#heartbeat.factsChanged(),
      onShutdown: () => this.#heartbeat.syncNow(),
    });
    this.#process = process;
    this.resourceMetrics.started(simulation.now);
    const { syncLoop } = process;
    for (const manifest of this.manifests.manifests()) {
      syncLoop.staticPodChanged(undefined, this.#asPod(manifest));
    }
    this.#nodeInformers.start();
    this.#heartbeat.start();
    this.#waitForNode(process);
  }

  hang(): () => void {
    const hung = this.#process;
    if (hung === undefined || this.#unheard !== undefined) {
      return () => {};
    }
    const thaw = hung.freeze();
    this.#heartbeat.stop();
    this.#unheard = [];
    return () => {
      if (this.#process !== hung) {
        return;
      }
      const unheard = this.#unheard ?? [];
      this.#unheard = undefined;
      thaw();
      this.#heartbeat.start();
      for (const hear of unheard) {
        hear();
      }
    };
  }

  stop(): void {
    this.#unheard = undefined;
    this.resourceMetrics.stopped(this.#options.simulation.now);
    this.#heartbeat.stop();
    this.#process?.stop();
    this.#process = undefined;
    this.#events.reset();
    this.#eventApi.abandon();
    this.#nodeInformers.stop();
    this.#podInformers.stop();
  }

  #asPod(manifest: Pod | undefined): Pod | undefined {
    const { node, simulation } = this.#options;
    return manifest && staticPod(manifest, node.name, simulation.now);
  }

  get #capacity(): KubeletNode['capacity'] {
    const { configuration = {}, node } = this.#options;
    return kubeletCapacity(node.capacity, configuration) as KubeletNode['capacity'];
  }

  /** The process reads what the watch brings when it can. */
  #hear(news: () => void): void {
    if (this.#unheard === undefined) {
      news();
    } else {
      this.#unheard.push(news);
    }
  }

  #makeHeartbeat(defaults: Defaults): NodeHeartbeat {
    const {
      api,
      configuration = {},
      hostIP,
      machine,
      name,
      node,
      simulation,
    } = {
      ...this.#options,
      ...this.#options.node,
    };
    return new NodeHeartbeat({
      simulation,
      api,
      settings: heartbeatSettings(defaults, configuration),
      identity: nodeIdentity({ ...node, taints: [...node.taints, ...(configuration.registerWithTaints ?? [])] }),
      clock: (time) => machine.clockAt(time),
      nodes: this.#nodes,
      events: this.#events,
      facts: nodeFactsFrom({
        defaults,
        configuration,
        name,
        hostIP,
        capacity: this.#capacity,
        machine,
        pressure: () => this.#process?.pressure ?? [],
        readyErrors: () => this.#process?.readyErrors ?? [],
        images: () => this.#process?.images ?? [],
        volumesInUse: () => this.#process?.volumesInUse,
      }),
      updateRuntimeUp: () => this.#process?.updateRuntimeUp(),
      elideQuietEvents: this.#options.elideQuietEvents ?? true,
    });
  }

  /** Pods are watched only once the watch of the Node has begun, which is looked at each second (config/apiserver.go). */
  #waitForNode(process: KubeletProcess): void {
    if (this.#process !== process) {
      return;
    }
    if (this.#nodes.hasSynced) {
      this.#podInformers.start();
    } else {
      this.#options.simulation.after(this.#settings.loops.nodeSyncWait, () => this.#waitForNode(process));
    }
  }

  /** A pod of the same name and another uid is another pod. */
  #onPodModified(pod: Pod, before: Pod): void {
    if (pod.metadata.uid === before.metadata.uid) {
      this.#process?.syncLoop.podModified(pod);
    } else {
      this.#process?.syncLoop.podRemoved(before);
      this.#process?.syncLoop.podAdded(pod);
    }
  }
}

const initialNode = ({ name, labels, taints, capacity }: KubeletNode): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec: { taints },
  status: { capacity, allocatable: capacity },
});
