import type { EventHandle, Micros, Simulation } from '../../../engine/index.js';
import type { Node } from '../../api/index.js';
import type { ApiClient } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import type { NodeReporter } from './node-reporter.js';
import { initialNode, type NodeIdentity, reconciledNode } from './registration.js';

/**
 * Creates the Node, or puts an existing one right, once in a process's life: a Node that is deleted later stays away until the
 * kubelet is started again. As registerWithAPIServer.
 */
export class Registrar {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #identity: NodeIdentity;
  readonly #settings: HeartbeatSettings;
  readonly #reporter: NodeReporter;
  #isDone = false;
  #timer: EventHandle | undefined;

  constructor(
    simulation: Simulation,
    client: ApiClient,
    identity: NodeIdentity,
    settings: HeartbeatSettings,
    reporter: NodeReporter,
  ) {
    this.#simulation = simulation;
    this.#client = client;
    this.#identity = identity;
    this.#settings = settings;
    this.#reporter = reporter;
  }

  /** Goes on once the Node is registered, however long that takes. */
  register(then: () => void): void {
    if (this.#isDone || !this.#settings.registerNode) {
      then();
      return;
    }
    this.#tryAfter(this.#settings.registrationInitialBackoff, () => {
      this.#isDone = true;
      then();
    });
  }

  /** The process dies. */
  stop(): void {
    this.#isDone = false;
    this.#timer?.cancel();
  }

  #tryAfter(pause: Micros, then: () => void): void {
    this.#timer = this.#simulation.after(pause, () =>
      this.#try((ok) => {
        if (ok) {
          then();
        } else {
          this.#tryAfter(Math.min(pause * 2, this.#settings.registrationMaxBackoff), then);
        }
      }),
    );
  }

  /** As tryRegisterWithAPIServer. */
  #try(then: (ok: boolean) => void): void {
    const computed = this.#reporter.compute(initialNode(this.#identity));
    this.#reporter.tell(computed);
    this.#client.create('Node', computed.node, (created) => {
      if (created.ok) {
        then(true);
      } else if (created.error.reason === 'AlreadyExists') {
        this.#reconcile(computed.node, then);
      } else {
        then(false);
      }
    });
  }

  #reconcile(initial: Node, then: (ok: boolean) => void): void {
    const { name } = this.#identity;
    this.#client.get('Node', name, (read) => {
      if (!read.ok) {
        then(false);
      } else if (reconciledNode(read.object, initial) === read.object) {
        then(true);
      } else {
        this.#client.patch(
          'Node',
          name,
          (node) => reconciledNode(node, initial),
          (reply) => then(reply.ok),
        );
      }
    });
  }
}
