import type { EventHandle, Micros, ObjectKey } from '../../engine/index.js';
import {
  type AnyObject,
  KINDS_IN_QUOTAS,
  type Kind,
  keyOf,
  quotaResourcesOf,
  type ResourceQuota,
  semanticallyEqual,
} from '../api/index.js';
import {
  type ApiClient,
  type Component,
  type ControllerContext,
  type Informer,
  KeyQueue,
  type SyncResult,
} from '../client-go/index.js';
import type { ResourceQuotaControllerConfiguration } from './config.js';
import { lacksUsage, mayReplenish, quotaStatus } from './decisions.js';

/** Counts what namespaces use of their quotas. Mirrors pkg/controller/resourcequota. */
class ResourceQuotaController implements Component {
  readonly name = 'resourcequota-controller';
  readonly #context: ControllerContext;
  readonly #client: ApiClient;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #period: Micros;
  /** Quotas that admission can do nothing with until they are counted, and all others. */
  readonly #urgent: KeyQueue;
  readonly #queue: KeyQueue;
  #syncedAt: Micros | undefined;
  #resync: EventHandle | undefined;

  constructor(context: ControllerContext, config: ResourceQuotaControllerConfiguration) {
    const { api, informers } = context;
    this.#context = context;
    this.#period = config.resyncPeriod;
    this.#client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    const sync = (key: ObjectKey, done: (result: SyncResult) => void): void => this.#sync(key, done);
    const { workers } = config;
    this.#urgent = new KeyQueue(`${this.name}/priority`, context, { workers }, sync);
    this.#queue = new KeyQueue(`${this.name}/primary`, context, { workers }, sync);
    this.#quotas = informers.informer('ResourceQuota');
    this.#quotas.onChange({
      added: (quota) => {
        this.#add(quota);
        this.#armResync();
      },
      modified: (quota, before) => {
        if (!semanticallyEqual(quota.spec?.hard, before.spec?.hard)) {
          this.#add(quota);
        }
      },
      deleted: () => {
        if (this.#quotas.size === 0) {
          this.#resync?.cancel();
        }
      },
    });
    for (const kind of KINDS_IN_QUOTAS) {
      this.#watch(kind);
    }
  }

  start(): void {
    this.#context.informers.whenSynced(() => {
      this.#syncedAt = this.#context.simulation.now;
      this.#armResync();
    });
    this.#urgent.start();
    this.#queue.start();
  }

  stop(): void {
    this.#resync?.cancel();
    this.#syncedAt = undefined;
    this.#urgent.stop();
    this.#queue.stop();
    this.#client.abandon();
  }

  /** As the quota monitor: what frees something has its quotas counted; what comes was charged by admission. */
  #watch(kind: Kind): void {
    const informer = this.#context.informers.informer(kind) as Informer<AnyObject>;
    informer.onChange({
      added: () => {},
      modified: (object, before) => {
        if (this.#quotas.size > 0 && mayReplenish(kind, object, before, this.#context.simulation.now)) {
          this.#replenish(kind, object);
        }
      },
      deleted: (object) => {
        if (this.#quotas.size > 0) {
          this.#replenish(kind, object);
        }
      },
    });
  }

  #replenish(kind: Kind, { metadata }: AnyObject): void {
    for (const quota of this.#quotas.byIndex('namespace', metadata.namespace ?? '')) {
      if (quotaResourcesOf(kind, Object.keys(quota.status?.hard ?? {})).length > 0) {
        this.#queue.add(keyOf(quota));
      }
    }
  }

  #add(quota: ResourceQuota): void {
    (lacksUsage(quota) ? this.#urgent : this.#queue).add(keyOf(quota));
  }

  /** Every quota is counted at ticks of the period; none while there is no quota. */
  #armResync(): void {
    if (this.#syncedAt === undefined || this.#quotas.size === 0 || this.#period <= 0 || this.#resync?.isPending) {
      return;
    }
    const { simulation } = this.#context;
    const ticks = Math.floor((simulation.now - this.#syncedAt) / this.#period) + 1;
    this.#resync = simulation.after(this.#syncedAt + ticks * this.#period - simulation.now, () => {
      for (const quota of this.#quotas.list()) {
        this.#add(quota);
      }
      this.#armResync();
    });
  }

  #sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const quota = this.#quotas.get(key);
    if (quota === undefined) {
      done('done');
      return;
    }
    const { informers, simulation } = this.#context;
    const namespace = quota.metadata.namespace ?? '';
    const objectsOf = (kind: Kind): Iterable<AnyObject> =>
      (informers.informer(kind) as Informer<AnyObject>).byIndex('namespace', namespace);
    const status = quotaStatus(quota, objectsOf, simulation.now);
    if (semanticallyEqual(status, quota.status)) {
      done('done');
      return;
    }
    this.#client.updateStatus('ResourceQuota', { ...quota, status }, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }
}

/** The controller, not yet started. */
export const createResourceQuotaController = (
  context: ControllerContext,
  config: ResourceQuotaControllerConfiguration,
): Component => new ResourceQuotaController(context, config);
