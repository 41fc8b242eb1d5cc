import { type Micros, type Simulation, seconds, type Watcher } from '../../engine/index.js';
import type { Kind, Kinds, Party } from '../api/index.js';
import { type ApiServer, createApiServer } from '../apiserver/index.js';
import type { ApiClient, ApiConnection, Component, ControllerContext, MetricsClient } from '../client-go/index.js';
import type { Candidate, Cluster, ClusterNode, ClusterOptions, NodeTemplate } from '../cluster.js';
import { createCsiSidecars, csiSidecarsConfiguration } from '../csi-sidecars/index.js';
import { createIngressController } from '../ingress-controller/index.js';
import { MetricsAdapter } from '../metrics-adapter/index.js';
import { MetricsServer, metricsServerConfiguration } from '../metrics-server/index.js';
import { nodeIpamControllerConfiguration } from '../node-ipam-controller/index.js';
import { createScheduler, schedulerConfiguration } from '../scheduler/index.js';
import type { Defaults } from '../versions/index.js';
import { createVerticalPodAutoscaler, verticalPodAutoscalerConfiguration } from '../vertical-pod-autoscaler/index.js';
import { Network, PodNetwork, Registry, type Surroundings, World } from '../world/index.js';
import { type CloudSite, cloudProcesses, karpenter, nodeGroups } from './cloud-processes.js';
import { ControlPlaneMachines } from './control-plane-machines.js';
import { ControlPlaneProcess } from './control-plane-process.js';
import { ElectedProcess } from './elected-process.js';
import { createControllers } from './kube-controller-manager.js';
import { MetricsApis } from './metrics-apis.js';
import type { CloudNodeGroup, NodeGroupLevers } from './node-groups.js';
import { serviceEndpoints } from './service-endpoints.js';
import { SimulatedNode } from './simulated-node.js';
import { startWithFirst } from './start-with-first.js';
import { Traffic } from './traffic.js';
import { recommendResources } from './vertical-pod-autoscaling.js';

/** Kubelets that stand there from the start began within this time of each other, so that their loops have all phases. */
const KUBELETS_START_WITHIN: Micros = seconds(10);

/** Joins the rooms: the API server, the processes of the control plane, and a machine with its kubelet for each node. */
export class KubernetesCluster implements Cluster {
  readonly simulation: Simulation;
  readonly network = new Network();
  readonly registry: Registry;
  readonly user: ApiClient;
  readonly #options: ClusterOptions;
  readonly #defaults: Defaults;
  readonly #world: World;
  readonly #server: ApiServer;
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #groups: readonly CloudNodeGroup[];
  readonly #processes: ReadonlyMap<string, Component>;
  readonly #controlPlane: ControlPlaneMachines;
  readonly #allocatesNodeCIDRs: boolean;
  readonly #traffic: Traffic | undefined;
  readonly #metricsServer: MetricsServer | undefined;
  /** Processes that start with the first object of their kind. */
  readonly #onDemand: readonly Component[];

  constructor(options: ClusterOptions, defaults: Defaults) {
    const { simulation, recorder, elideQuietEvents = true } = options;
    this.#options = options;
    this.#defaults = defaults;
    this.simulation = simulation;
    this.#allocatesNodeCIDRs =
      nodeIpamControllerConfiguration(defaults, options.configuration?.kubeControllerManager) !== undefined;
    this.registry = new Registry(options.imageOf);
    const looksAtTraffic = options.looksAtTraffic === true || recorder.isWanted('routing');
    const podNetwork = looksAtTraffic ? new PodNetwork(simulation, this.network) : undefined;
    this.#world = new World({
      simulation,
      ...(podNetwork && { podNetwork }),
      ...(options.world && { settings: options.world }),
      ...(options.behaviourOf && { behaviourOf: options.behaviourOf }),
      registry: this.registry,
      endpointsOf: (service, tell) => serviceEndpoints(this.#server)(service, tell),
    });
    const serviceClusterIPRange = options.configuration?.kubeControllerManager?.['service-cluster-ip-range'];
    this.#server = createApiServer({
      simulation,
      recorder,
      defaults,
      network: this.network,
      settings: this.#world.settings,
      elideQuietEvents,
      podWebhooks: [recommendResources],
      ...(serviceClusterIPRange && { serviceClusterIPRange }),
      ...(options.keepsEvents !== undefined && { keepsEvents: options.keepsEvents }),
    });
    this.#traffic =
      podNetwork &&
      new Traffic({
        simulation,
        recorder,
        server: this.#server,
        world: this.#world,
        podNetwork,
        defaults,
        kubeProxy: options.configuration?.kubeProxy ?? {},
      });
    this.network.onChange((a, b) => this.#onNetworkChange([a, b]));
    if (this.#traffic !== undefined) {
      this.#world.surroundings = this.#traffic.lookout;
    }
    this.user = this.#server.client({ name: 'kubectl', from: 'user', qps: 0, burst: 0 });
    this.#metricsServer = this.#createMetricsServer();
    this.#groups = nodeGroups(this.#cloudSite);
    this.#onDemand = [this.#createVerticalPodAutoscaler(), ...this.#createKarpenter()];
    const elected = [
      this.#elected('kube-controller-manager', (context) => this.#controllerManager(context, elideQuietEvents)),
      this.#elected('kube-scheduler', (context) => this.#scheduler(context)),
    ];
    this.#processes = new Map(
      [
        ...elected,
        this.#csiController(),
        ...cloudProcesses(this.#cloudSite, this.#groups),
        ...this.#ingressController(),
      ].map((started) => [started.name, started]),
    );
    this.#controlPlane = new ControlPlaneMachines({
      simulation,
      network: this.network,
      machineBoot: this.#world.settings.machineBoot,
      elected,
    });
    simulation.after(options.controlPlaneStartsAt ?? 0, () => {
      for (const component of this.#processes.values()) {
        component.start();
      }
    });
    for (const template of options.nodes) {
      this.#startLater(this.#place(template));
    }
  }

  get surroundings(): Surroundings {
    return this.#world.surroundings;
  }

  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined {
    return this.#server.get(kind, key);
  }

  list<K extends Kind>(kind: K): Iterable<Kinds[K]> {
    return this.#server.list(kind);
  }

  watch<K extends Kind>(kind: K, watcher: Watcher<Kinds[K]>): () => void {
    return this.#server.registry.store.watch(kind, watcher);
  }

  keepManagers(kind: Kind, key: string): void {
    this.#server.registry.fieldManagers.keep(kind, key);
  }

  node(name: string): ClusterNode | undefined {
    return this.#nodes.get(name);
  }

  nodeNames(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  addNode(template: NodeTemplate): ClusterNode {
    const node = this.#place(template);
    node.kubelet.start();
    return node;
  }

  nodeGroup(name: string): NodeGroupLevers | undefined {
    return this.#groups.find((group) => group.name === name);
  }

  process(name: string): Component | undefined {
    return this.#processes.get(name) ?? this.#onDemand.find((component) => component.name === name);
  }

  candidates(name: string): readonly Candidate[] {
    const found = this.#processes.get(name);
    return found instanceof ElectedProcess ? found.candidates : [];
  }

  #place(template: NodeTemplate): SimulatedNode {
    const node = new SimulatedNode(
      {
        simulation: this.simulation,
        recorder: this.#options.recorder,
        api: this.#server,
        world: this.#world,
        network: this.network,
        defaults: this.#defaults,
        options: this.#options,
        allocatesNodeCIDRs: this.#allocatesNodeCIDRs,
      },
      template,
      this.#nodes.size,
    );
    this.#nodes.set(template.name, node);
    if (template.isControlPlane) {
      this.#controlPlane.add(node.machine);
    }
    this.#traffic?.addNode(node.machine, template.labels['topology.kubernetes.io/zone'] ?? '');
    return node;
  }

  #startLater(node: SimulatedNode): void {
    const delay = this.simulation.stream('kubelet start').uniform(node.key, 0) * KUBELETS_START_WITHIN;
    this.simulation.after(Math.round(delay), () => node.kubelet.start());
  }

  #onNetworkChange(parties: readonly string[]): void {
    for (const party of parties) {
      this.#nodes.get(party.replace(/^node\//, ''))?.noteSilence(this);
    }
  }

  /** As many as there are machines for them, if that is not said. */
  get #controlPlaneCount(): number {
    const { controlPlanes, nodes } = this.#options;
    return controlPlanes ?? Math.max(1, nodes.filter(({ isControlPlane }) => isControlPlane).length);
  }

  #elected(name: string, create: (context: ControllerContext) => Component): ElectedProcess {
    return new ElectedProcess({
      simulation: this.simulation,
      server: this.#server,
      defaults: this.#defaults,
      name,
      count: this.#controlPlaneCount,
      create: (api, from) => create(this.#contextOf(name, api, from)),
    });
  }

  #controllerManager(context: ControllerContext, elideQuietEvents: boolean): Component {
    const { configuration, startTime } = this.#options;
    const flags = configuration?.kubeControllerManager ?? {};
    const controllers = createControllers({
      context,
      defaults: this.#defaults,
      flags,
      elideQuietEvents,
      startTime,
      keepsEndpoints: this.#options.keepsEndpoints ?? false,
      metrics: this.#metricsOf(context),
    });
    return new ControlPlaneProcess('kube-controller-manager', context.informers, controllers);
  }

  #createMetricsServer(): MetricsServer | undefined {
    const flags = this.#options.configuration?.metricsServer ?? {};
    return flags === false
      ? undefined
      : new MetricsServer({
          simulation: this.simulation,
          config: metricsServerConfiguration(this.#defaults, flags),
          nodes: () => [...this.#server.list('Node')].flatMap(({ metadata }) => this.#nodes.get(metadata.name) ?? []),
          node: (name) => this.#nodes.get(name),
        });
  }

  #metricsOf({ informers }: ControllerContext): MetricsClient {
    const { metrics, metricSeries } = this.#options;
    const { loadSharing, settings } = this.#world;
    return (
      metrics ??
      new MetricsApis({
        simulation: this.simulation,
        latency: settings.apiCall,
        pods: informers.informer('Pod'),
        server: this.#metricsServer,
        adapter: new MetricsAdapter(metricSeries ?? [], loadSharing),
      })
    );
  }

  #createVerticalPodAutoscaler(): Component {
    const name = 'vertical-pod-autoscaler';
    const context = this.#contextOf(name);
    const config = verticalPodAutoscalerConfiguration(this.#defaults);
    const components = createVerticalPodAutoscaler(context, config, this.#metricsOf(context));
    const process = new ControlPlaneProcess(name, context.informers, components);
    startWithFirst('VerticalPodAutoscaler', this.#server, process);
    return process;
  }

  #createKarpenter(): readonly Component[] {
    const process = karpenter(this.#cloudSite, this.#groups);
    if (process === undefined) {
      return [];
    }
    startWithFirst('NodePool', this.#server, process);
    return [process];
  }

  #scheduler(context: ControllerContext): Component {
    const { configuration: given, scheduler: extras } = this.#options;
    const configuration = schedulerConfiguration(this.#defaults, given?.kubeScheduler, extras?.plugins);
    const scheduler = createScheduler(context, configuration, extras);
    return new ControlPlaneProcess('kube-scheduler', context.informers, [scheduler]);
  }

  /** Only where the world has one. */
  #ingressController(): readonly Component[] {
    const { ingressStatusInterval } = this.#world.settings;
    if (ingressStatusInterval === undefined) {
      return [];
    }
    const context = this.#contextOf('ingress-nginx-controller');
    const controller = createIngressController(context, ingressStatusInterval);
    return [new ControlPlaneProcess(controller.name, context.informers, [controller])];
  }

  get #cloudSite(): CloudSite {
    return {
      options: this.#options,
      defaults: this.#defaults,
      settings: this.#world.settings,
      contextOf: (process) => this.#contextOf(process),
      place: (template) => this.#place(template),
      node: (name) => this.#nodes.get(name),
    };
  }

  /** The Deployment beside a CSI driver that real clusters run in pods; here a process of its own. */
  #csiController(): Component {
    const context = this.#contextOf('csi-controller');
    const sidecars = createCsiSidecars(context, csiSidecarsConfiguration(this.#defaults, this.#world.settings));
    return new ControlPlaneProcess('csi-controller', context.informers, sidecars);
  }

  #contextOf(process: string, api: ApiConnection = this.#server, from: Party = 'control-plane'): ControllerContext {
    const informers = api.informers({ name: process, from });
    return { simulation: this.simulation, api, informers, recorder: this.#options.recorder };
  }
}
