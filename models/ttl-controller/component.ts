import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type Node } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import type { TtlControllerConfiguration } from './config.js';
import { stepAfterAdding, stepAfterDeleting, ttlOf } from './decisions.js';

const TTL_ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** Tells kubelets by an annotation how long they may keep ConfigMaps and Secrets. Mirrors pkg/controller/ttl. */
class TtlController extends Controller {
  readonly name = 'ttl-controller';
  readonly #client: ApiClient;
  readonly #nodes: Informer<Node>;
  #count = 0;
  #step = 0;

  constructor(context: ControllerContext, config: TtlControllerConfiguration) {
    super(context, { workers: config.workers });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#nodes = context.informers.informer('Node');
    this.#nodes.onChange({
      added: (node) => {
        this.#count++;
        this.#step = stepAfterAdding(this.#step, this.#count);
        this.#wake(node);
      },
      // Each write of a node brings it up to date: nobody goes through all of them when the size passes a boundary.
      modified: (node) => this.#wake(node),
      deleted: () => {
        this.#count--;
        this.#step = stepAfterDeleting(this.#step, this.#count);
      },
    });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#count = 0;
    this.#step = 0;
  }

  get #ttl(): string {
    return String(ttlOf(this.#step));
  }

  #wake(node: Node): void {
    if (node.metadata.annotations?.[TTL_ANNOTATION] !== this.#ttl) {
      this.enqueue(keyOf(node));
    }
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const ttl = this.#ttl;
    if (this.#nodes.get(key)?.metadata.annotations?.[TTL_ANNOTATION] === ttl || this.#nodes.get(key) === undefined) {
      done('done');
      return;
    }
    const annotated = (node: Node): Node => ({
      ...node,
      metadata: { ...node.metadata, annotations: { ...node.metadata.annotations, [TTL_ANNOTATION]: ttl } },
    });
    this.#client.patch('Node', key, annotated, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }
}

/** The controller, not yet started. */
export const createTtlController = (context: ControllerContext, config: TtlControllerConfiguration): Component =>
  new TtlController(context, config);
