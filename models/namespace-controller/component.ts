import { type ObjectKey, seconds } from '../../engine/index.js';
import type { Namespace } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  defaultControllerRateLimiter,
  type Informer,
  type Reply,
  type SyncResult,
} from '../client-go/index.js';
import type { NamespaceControllerConfiguration } from './config.js';
import { ContentDeletion, type Pass } from './content.js';
import { conditionsAfter, FINALIZER } from './decisions.js';

type Done = (result: SyncResult) => void;

/** Empties namespaces that are being deleted, then lets them go. Mirrors pkg/controller/namespace. */
export class NamespaceController extends Controller {
  readonly name = 'namespace-controller';
  readonly #client: ApiClient;
  readonly #namespaces: Informer<Namespace>;
  readonly #content: ContentDeletion;

  constructor(context: ControllerContext, config: NamespaceControllerConfiguration) {
    super(context, {
      workers: config.workers,
      rateLimiter: () => defaultControllerRateLimiter(config.backOff, config.maxBackOff),
    });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#content = new ContentDeletion(context.simulation, this.#client, config.deletesPodsFirst);
    this.#namespaces = context.informers.informer('Namespace');
    const onChange = ({ metadata }: Namespace): void => {
      if (metadata.deletionTimestamp !== undefined) {
        this.enqueueAfter(metadata.name, config.gracePeriod);
      }
    };
    this.#namespaces.onChange({ added: onChange, modified: onChange, deleted: () => {} });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  /** As syncNamespaceFromKey and Delete. */
  protected sync(key: ObjectKey, done: Done): void {
    if (this.#namespaces.get(key) === undefined) {
      done('done');
      return;
    }
    this.#client.get('Namespace', key, (reply) => {
      if (!reply.ok) {
        done(reply.error.reason === 'NotFound' ? 'done' : 'retry');
        return;
      }
      const { deletionTimestamp } = reply.object.metadata;
      if (deletionTimestamp === undefined || !reply.object.spec.finalizers?.length) {
        done('done');
        return;
      }
      this.#content.run(key, deletionTimestamp, (pass) => this.#afterPass(reply.object, pass, done));
    });
  }

  #afterPass(namespace: Namespace, { remains, stoppedAtPods }: Pass, done: Done): void {
    const { now } = this.context.simulation;
    const conditions = conditionsAfter(namespace.status, remains, !stoppedAtPods, now);
    const conclude = (error?: string): void => {
      if (error !== undefined || remains.errors.length > 0) {
        done('retry');
      } else if (remains.estimate > 0) {
        done({ requeueAfter: seconds(Math.floor(remains.estimate / 2) + 1) });
      } else {
        this.#finalize(namespace, done);
      }
    };
    if (conditions === undefined) {
      conclude();
      return;
    }
    const changed = { ...namespace, status: { ...namespace.status, conditions } };
    // A pass that stops at the pods does not mind whether its conditions were written.
    this.#client.updateStatus('Namespace', changed, (reply) =>
      conclude(reply.ok || stoppedAtPods ? undefined : reply.error.message),
    );
  }

  /** As retryOnConflictError around finalizeNamespace: what was read is stale once conditions were written. */
  #finalize(namespace: Namespace, done: Done): void {
    const finalizers = namespace.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER);
    this.#client.finalize({ ...namespace, spec: { ...namespace.spec, finalizers } }, (reply) => {
      if (reply.ok || reply.error.reason === 'NotFound') {
        done('done');
      } else if (reply.error.reason === 'Conflict') {
        this.#client.get('Namespace', namespace.metadata.name, (latest) =>
          this.#finalizeLatest(namespace, latest, done),
        );
      } else {
        done('retry');
      }
    });
  }

  #finalizeLatest(namespace: Namespace, latest: Reply<Namespace>, done: Done): void {
    if (latest.ok && latest.object.metadata.uid === namespace.metadata.uid) {
      this.#finalize(latest.object, done);
    } else {
      done(latest.ok || latest.error.reason !== 'NotFound' ? 'retry' : 'done');
    }
  }
}

export const createNamespaceController = (
  context: ControllerContext,
  config: NamespaceControllerConfiguration,
): NamespaceController => new NamespaceController(context, config);
