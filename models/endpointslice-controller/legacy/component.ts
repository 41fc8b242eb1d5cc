import { formatRfc3339, MICROS_PER_SECOND, type ObjectKey } from '../../../engine/index.js';
import { type Endpoints, keyOf, type Pod, type Service, semanticallyEqual } from '../../api/index.js';
import {
  type ApiClient,
  type ApiError,
  Controller,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  isNamespaceTerminating,
  OwnWrites,
  type Reply,
  type SyncResult,
} from '../../client-go/index.js';
import type { EndpointsControllerConfiguration } from '../config.js';
import { isHeadless } from '../endpoints.js';
import { ServiceSelectors, selectedPods } from '../service-selectors.js';
import {
  isOverCapacity,
  lastChangeTriggerTime,
  subsetsOf,
  type TriggerTimes,
  triggerTimesOf,
  truncated,
} from './decisions.js';

type Done = (result: SyncResult) => void;

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER_NAME = 'endpoint-controller';

/** Writes the Endpoints object of each Service, as before there were EndpointSlices. Mirrors pkg/controller/endpoint. */
class EndpointsController extends Controller {
  readonly name = CONTROLLER_NAME;
  readonly #config: EndpointsControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #selectors = new ServiceSelectors();
  readonly #triggerTimes = new Map<ObjectKey, TriggerTimes>();
  readonly #ownWrites = new OwnWrites();

  constructor(context: ControllerContext, config: EndpointsControllerConfiguration) {
    super(context, { workers: config.workers, maxRetries: config.maxRetries });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: CONTROLLER_NAME });
    this.#services = context.informers.informer('Service');
    this.#pods = context.informers.informer('Pod');
    this.#endpoints = context.informers.informer('Endpoints');
    this.#watch();
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#selectors.clear();
    this.#triggerTimes.clear();
    this.#ownWrites.clear();
  }

  #watch(): void {
    this.#selectors.follow(
      { services: this.#services, pods: this.#pods },
      (service) => this.enqueue(keyOf(service)),
      (services) => this.#wake(services),
    );
    this.#endpoints.onChange({
      added: () => {},
      modified: () => {},
      deleted: (endpoints) => this.enqueue(keyOf(endpoints)),
    });
  }

  #wake(services: Iterable<Service>): void {
    for (const service of services) {
      this.enqueueAfter(keyOf(service), this.#config.updatesBatchPeriod);
    }
  }

  /** As syncService. */
  protected sync(key: ObjectKey, done: Done): void {
    const service = this.#services.get(key);
    if (service === undefined) {
      this.#forget(key, done);
      return;
    }
    if (service.spec?.type === 'ExternalName' || service.spec?.selector === undefined) {
      done('done');
      return;
    }
    const current = this.#endpoints.get(key);
    if (current !== undefined && !this.#ownWrites.areIn(current)) {
      done('retry');
      return;
    }
    const wanted = this.#wanted(service, current);
    if (wanted === undefined) {
      done('done');
      return;
    }
    const ended = (reply: Reply<Endpoints>): void => {
      if (reply.ok) {
        this.#ownWrites.wrote(reply.object);
        done('done');
      } else {
        this.#failed(service, reply.error, current === undefined ? 'create' : 'update', done);
      }
    };
    if (current === undefined) {
      this.#client.create('Endpoints', wanted, ended);
    } else {
      this.#client.update('Endpoints', wanted, ended);
    }
  }

  /** What is there of a Service that is gone goes, too: nothing owns it. */
  #forget(key: ObjectKey, done: Done): void {
    this.#triggerTimes.delete(key);
    this.#ownWrites.delete(key);
    this.#client.delete('Endpoints', key, {}, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }

  /** Undefined: the object is as it should be. */
  #wanted(service: Service, current: Endpoints | undefined): Endpoints | undefined {
    const key = keyOf(service);
    const pods = selectedPods(service, this.#pods);
    const times = triggerTimesOf(service, pods);
    const triggerTime = lastChangeTriggerTime(times, this.#triggerTimes.get(key));
    this.#triggerTimes.set(key, times);
    const all = subsetsOf(service, pods);
    const subsets = truncated(all);
    const { [TRIGGER_TIME]: _, [OVER_CAPACITY]: isTruncated, ...annotations } = current?.metadata.annotations ?? {};
    const labels = this.#labelsOf(service);
    const isAsWanted =
      current !== undefined &&
      semanticallyEqual(current.subsets, subsets) &&
      semanticallyEqual(current.metadata.labels, labels) &&
      (isTruncated !== undefined) === isOverCapacity(all);
    if (isAsWanted) {
      return undefined;
    }
    const instant = this.#config.startTime * MICROS_PER_SECOND + (triggerTime ?? 0);
    const metadata = {
      ...(current?.metadata ?? { name: service.metadata.name, namespace: service.metadata.namespace }),
      labels,
      annotations: {
        ...annotations,
        ...(triggerTime !== undefined && { [TRIGGER_TIME]: formatRfc3339(instant, 0) }),
        ...(isOverCapacity(all) && { [OVER_CAPACITY]: 'truncated' }),
      },
    };
    return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets };
  }

  #labelsOf(service: Service): Readonly<Record<string, string>> {
    const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
    return {
      ...labels,
      ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
      ...(this.#config.labelsManaged && { [MANAGED_BY_LABEL]: CONTROLLER_NAME }),
    };
  }

  #failed(service: Service, error: ApiError, verb: 'create' | 'update', done: Done): void {
    if (isNamespaceTerminating(error)) {
      done('done');
      return;
    }
    const { namespace, name } = service.metadata;
    const [reason, doing] =
      verb === 'create'
        ? ['FailedToCreateEndpoint', 'create endpoint for service']
        : ['FailedToUpdateEndpoint', 'update endpoint'];
    this.#events.event(
      service,
      'Warning',
      reason as string,
      `Failed to ${doing} ${namespace}/${name}: ${error.message}`,
    );
    done('retry');
  }
}

export const createEndpointsController = (
  context: ControllerContext,
  config: EndpointsControllerConfiguration,
): Controller => new EndpointsController(context, config);
