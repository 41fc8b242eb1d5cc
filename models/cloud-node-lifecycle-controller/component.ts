import type { EventHandle, Micros } from '../../engine/index.js';
import { isNodeReady, type Node } from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { CloudNodeLifecycleConfiguration } from './config.js';

export interface CloudNodeLifecycleOptions {
  readonly context: ControllerContext;
  readonly config: CloudNodeLifecycleConfiguration;
  /** Whether the cloud still has the machine of that name. */
  readonly exists: (node: string) => boolean;
  /** Calls whenever the cloud takes machines away. */
  readonly onRemoval: (listener: () => void) => void;
}

/**
 * Deletes the Node of a machine that the cloud took away, once the Node is not Ready. As MonitorNodes (k8s 1.37
 * staging/src/k8s.io/cloud-provider/controllers/nodelifecycle/node_lifecycle_controller.go). A look at nodes that are all ready is left
 * out.
 */
export class CloudNodeLifecycleController implements Component {
  readonly name = 'cloud-node-lifecycle-controller';
  readonly #options: CloudNodeLifecycleOptions;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #nodes: Informer<Node>;
  #startedAt: Micros | undefined;
  #next: EventHandle | undefined;

  constructor(options: CloudNodeLifecycleOptions) {
    const { context, config } = options;
    this.#options = options;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: 'cloud-node-lifecycle-controller' });
    this.#nodes = context.informers.informer('Node');
    const look = (): void => this.#wake();
    this.#nodes.onChange({ added: look, modified: look, deleted: () => {} });
    options.onRemoval(look);
  }

  start(): void {
    if (this.#startedAt === undefined) {
      this.#startedAt = this.#options.context.simulation.now;
      this.#wake();
    }
  }

  stop(): void {
    this.#startedAt = undefined;
    this.#next?.cancel();
    this.#next = undefined;
    this.#client.abandon();
    this.#events.reset();
  }

  #wake(): void {
    const { simulation } = this.#options.context;
    if (this.#startedAt === undefined || this.#next !== undefined || !this.#hasGone()) {
      return;
    }
    const { nodeMonitorPeriod } = this.#options.config;
    const passed = Math.floor((simulation.now - this.#startedAt) / nodeMonitorPeriod);
    this.#next = simulation.after(this.#startedAt + (passed + 1) * nodeMonitorPeriod - simulation.now, () =>
      this.#look(),
    );
  }

  #look(): void {
    this.#next = undefined;
    for (const node of this.#gone()) {
      const { name, uid } = node.metadata;
      const message = `Deleting node ${name} because it does not exist in the cloud provider`;
      this.#events.event(node, 'Normal', 'DeletingNode', message);
      this.#client.delete('Node', name, { ...(uid !== undefined && { preconditions: { uid } }) }, (reply) => {
        if (!reply.ok) {
          this.#wake();
        }
      });
    }
  }

  #hasGone(): boolean {
    return !this.#gone().next().done;
  }

  *#gone(): Generator<Node, undefined> {
    for (const node of this.#nodes.list()) {
      if (!isNodeReady(node) && !this.#options.exists(node.metadata.name)) {
        yield node;
      }
    }
    return undefined;
  }
}
