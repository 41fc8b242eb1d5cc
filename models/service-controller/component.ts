import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type Node, type Service } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  defaultControllerRateLimiter,
  type EventRecorder,
  type Informer,
  inTurn,
  type SyncResult,
} from '../client-go/index.js';
import type { Cloud, LoadBalancer } from '../world/index.js';
import type { ServiceControllerConfiguration } from './config.js';
import {
  FINALIZER,
  hasFinalizer,
  isBehindLoadBalancers,
  needsCleanup,
  needsUpdate,
  wantsLoadBalancer,
} from './decisions.js';

type Done = (result: SyncResult) => void;
type Change = (service: Service) => Service;

/** Keeps the cloud's load balancers as Services want them. Mirrors k8s.io/cloud-provider/controllers/service. */
class ServiceController extends Controller {
  readonly name = 'service-controller';
  readonly #config: ServiceControllerConfiguration;
  readonly #cloud: Cloud;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #services: Informer<Service>;
  readonly #nodes: Informer<Node>;
  /** Names of the nodes that load balancers were last pointed at, as one text. */
  #knownHosts = '';
  #isSyncingNodes = false;
  /** Counts the lives of the process: what the cloud answers to an earlier one is lost. */
  #life = 0;

  constructor(context: ControllerContext, config: ServiceControllerConfiguration, cloud: Cloud) {
    super(context, {
      workers: config.workers,
      rateLimiter: () => defaultControllerRateLimiter(config.minRetryDelay, config.maxRetryDelay),
    });
    this.#config = config;
    this.#cloud = cloud;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#services = context.informers.informer('Service');
    this.#nodes = context.informers.informer('Node');
    this.#services.onChange({
      added: (service) => this.#enqueueIf(service, wantsLoadBalancer(service) || needsCleanup(service)),
      modified: (service, before) => this.#enqueueIf(service, needsUpdate(service, before) || needsCleanup(service)),
      deleted: () => {},
    });
    const onNode = (): void => this.#onNodes();
    this.#nodes.onChange({ added: onNode, modified: onNode, deleted: onNode });
  }

  override stop(): void {
    super.stop();
    this.#life++;
    this.#client.abandon();
    this.#events.reset();
    this.#knownHosts = '';
    this.#isSyncingNodes = false;
  }

  /** As syncLoadBalancerIfNeeded. */
  protected sync(key: ObjectKey, done: Done): void {
    const service = this.#services.get(key);
    if (service === undefined) {
      done('done');
    } else if (!wantsLoadBalancer(service) || needsCleanup(service)) {
      this.#remove(service, done);
    } else {
      this.#ensure(service, done);
    }
  }

  #ensure(service: Service, done: Done): void {
    this.#events.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    const held: Change = (current) =>
      hasFinalizer(current) ? current : withFinalizers(current, [...(current.metadata.finalizers ?? []), FINALIZER]);
    this.#patch(service, held, done, () => {
      const hosts = this.#hosts();
      if (hosts.length === 0) {
        this.#warnOfNoNodes(service);
      }
      this.#pointAt(service, hosts, ({ address }) => {
        this.#events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
        const ingress = this.#config.tellsIPMode ? [{ ip: address, ipMode: 'VIP' }] : [{ ip: address }];
        this.#patchStatus(service, ingress, done);
      });
    });
  }

  #remove(service: Service, done: Done): void {
    const uid = service.metadata.uid as string;
    const released: Change = (current) =>
      withFinalizers(
        current,
        (current.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER),
      );
    const conclude = (): void =>
      this.#patch(service, released, done, () => {
        this.#events.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
        this.#patchStatus(service, undefined, done);
      });
    if (this.#cloud.loadBalancer(uid) === undefined) {
      conclude();
      return;
    }
    this.#events.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    const life = this.#life;
    this.#cloud.remove(uid, () => (life === this.#life ? conclude() : undefined));
  }

  #pointAt(service: Service, hosts: readonly string[], then: (balancer: LoadBalancer) => void): void {
    const life = this.#life;
    this.#cloud.ensure(service.metadata.uid as string, hosts, (balancer) =>
      life === this.#life ? then(balancer) : undefined,
    );
  }

  #patch(service: Service, change: Change, done: Done, then: () => void): void {
    this.#client.patch('Service', keyOf(service), change, (reply) => {
      if (reply.ok) {
        then();
      } else {
        done(reply.error.reason === 'NotFound' ? 'done' : 'retry');
      }
    });
  }

  /** The Service may be gone once its finalizer is: then there is nothing to tell. */
  #patchStatus(service: Service, ingress: readonly object[] | undefined, done: Done): void {
    const change = (current: Service): Service =>
      ({
        ...current,
        status: { ...current.status, loadBalancer: ingress === undefined ? {} : { ingress } },
      }) as Service;
    this.#client.patchStatus('Service', keyOf(service), change, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }

  #enqueueIf(service: Service, isNeeded: boolean): void {
    if (isNeeded) {
      this.enqueue(keyOf(service));
    }
  }

  #hosts(): readonly string[] {
    const hosts = [...this.#nodes.list()].filter((node) => isBehindLoadBalancers(node, this.#config.keepsUnreadyNodes));
    return hosts.map(({ metadata }) => metadata.name).sort();
  }

  /** As triggerNodeSync: the set of nodes counts, not what else changes of them. One round at a time, over all load balancers. */
  #onNodes(): void {
    const hosts = this.#hosts();
    const known = hosts.join();
    if (this.#isSyncingNodes || known === this.#knownHosts) {
      return;
    }
    this.#knownHosts = known;
    const made = [...this.#services.list()].filter(
      (service) => wantsLoadBalancer(service) && this.#cloud.loadBalancer(service.metadata.uid as string) !== undefined,
    );
    this.#isSyncingNodes = made.length > 0;
    inTurn<Service, never>(
      made,
      (service, ended) => this.#pointAt(service, hosts, () => this.#onUpdated(service, ended)),
      () => {
        this.#isSyncingNodes = false;
        this.#onNodes();
      },
    );
  }

  #onUpdated(service: Service, ended: () => void): void {
    if (this.#hosts().length === 0) {
      this.#warnOfNoNodes(service);
    } else {
      this.#events.event(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
    }
    ended();
  }

  #warnOfNoNodes(service: Service): void {
    const message = 'There are no available nodes for LoadBalancer';
    this.#events.event(service, 'Warning', 'UnAvailableLoadBalancer', message);
  }
}

const withFinalizers = (service: Service, finalizers: readonly string[]): Service => ({
  ...service,
  metadata: { ...service.metadata, finalizers: finalizers.length === 0 ? undefined : finalizers },
});

export const createServiceController = (
  context: ControllerContext,
  config: ServiceControllerConfiguration,
  cloud: Cloud,
): Controller => new ServiceController(context, config, cloud);
