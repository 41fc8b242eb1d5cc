import { type EntityKey, entityKey, type Micros, type Simulation } from '../../../engine/index.js';
import { type Node, nodeParty } from '../../api/index.js';
import type { ApiClient, ApiConnection, Component, EventRecorder, Informer } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import type { NodeFacts } from './decisions.js';
import { FastStatusUpdate } from './fast-status-update.js';
import { LeaseLoop } from './lease-loop.js';
import { NodeReporter } from './node-reporter.js';
import { Registrar } from './registrar.js';
import { initialNode, type NodeIdentity } from './registration.js';
import { StatusLoop } from './status-loop.js';

export interface NodeHeartbeatOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  readonly settings: HeartbeatSettings;
  readonly identity: NodeIdentity;
  /** The kubelet's watch of its own Node. */
  readonly nodes: Informer<Node>;
  /** The kubelet's own events. */
  readonly events: EventRecorder;
  /** What the kubelet knows now; whenever the answer may have changed, `factsChanged` must be called. */
  readonly facts: () => NodeFacts;
  /** Asks the container runtime how it is; whenever the answer may have changed, `runtimeChanged` must be called. */
  readonly updateRuntimeUp?: () => void;
  /** The machine's clock at a time. Default: right. When it is put right or wrong, `clockChanged` must be called. */
  readonly clock?: (time: Micros) => Micros;
  readonly elideQuietEvents: boolean;
}

/** How a kubelet shows that its node lives: the Node it registers, the Lease it renews, the status it reports. */
export class NodeHeartbeat implements Component {
  readonly name: string;
  readonly #options: NodeHeartbeatOptions;
  readonly #client: ApiClient;
  readonly #reporter: NodeReporter;
  readonly #registrar: Registrar;
  readonly #leaseLoop: LeaseLoop;
  readonly #statusLoop: StatusLoop;
  readonly #fastUpdate: FastStatusUpdate;
  #isRunning = false;

  constructor(options: NodeHeartbeatOptions) {
    this.#options = options;
    const { simulation, api, settings, identity, nodes, events, facts, elideQuietEvents: elides } = options;
    const { name } = identity;
    const key: EntityKey = entityKey(name);
    this.name = `heartbeat/${name}`;
    const from = nodeParty(name);
    this.#client = api.client({ name: 'kubelet/heartbeat', from, qps: 0, burst: 0, timeout: settings.timeout });
    const client = this.#client;
    this.#reporter = new NodeReporter(simulation, client, events, settings, facts);
    this.#registrar = new Registrar(simulation, client, identity, settings, this.#reporter);
    const clock = options.clock ?? ((time) => time);
    this.#leaseLoop = new LeaseLoop({ simulation, api, client, node: name, key, settings, clock });
    const shared = { simulation, nodes, node: name, settings, reporter: this.#reporter, elides };
    this.#statusLoop = new StatusLoop({
      ...shared,
      api,
      client,
      key,
      register: (then) => this.#registrar.register(then),
    });
    this.#fastUpdate = new FastStatusUpdate({
      ...shared,
      loop: this.#statusLoop,
      updateRuntimeUp: options.updateRuntimeUp ?? (() => {}),
    });
    const look = (): void => this.factsChanged();
    nodes.onChange({ added: look, modified: look, deleted: look });
  }

  /** The process starts: its three loops begin at once. */
  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    this.#statusLoop.start();
    this.#fastUpdate.start();
    this.#leaseLoop.start();
  }

  /** The process dies. */
  stop(): void {
    if (!this.#isRunning) {
      return;
    }
    this.#isRunning = false;
    this.#leaseLoop.stop();
    this.#statusLoop.stop();
    this.#fastUpdate.stop();
    this.#registrar.stop();
    this.#reporter.forget();
    this.#client.abandon();
  }

  /** What the status is computed from may have changed: images, capacity, pressure, reasons for not being ready. */
  factsChanged(): void {
    this.#statusLoop.look();
    this.#fastUpdate.look();
  }

  /** The container runtime, or its network, began or ceased to work. */
  runtimeChanged(): void {
    this.#fastUpdate.runtimeChanged();
  }

  /**
   * Tells the conditions of a Node that is not there yet: to make sure of its machine the kubelet computes the status it would
   * register (initializeRuntimeDependentModules, getNodeAnyWay). Registering tells them again.
   */
  tellOfInitialNode(): void {
    const { identity, nodes } = this.#options;
    if (nodes.get(identity.name) === undefined) {
      this.#reporter.tell(this.#reporter.compute(initialNode(identity)));
    }
  }

  /** Reports the status at once, as a kubelet does that learns of its machine's shutdown. */
  syncNow(): void {
    this.#statusLoop.syncNow();
  }

  /** The machine's clock was put right or wrong. */
  clockChanged(): void {
    this.#leaseLoop.disturb();
    this.#statusLoop.disturb();
  }
}
