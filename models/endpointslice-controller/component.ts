import type { ObjectKey } from '../../engine/index.js';
import { type EndpointSlice, isBeingDeleted, keyFor, keyOf, type Node, type Pod, type Service } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  defaultControllerRateLimiter,
  type EventRecorder,
  type Informer,
  isNamespaceTerminating,
  type SyncResult,
} from '../client-go/index.js';
import type { EndpointSliceControllerConfiguration } from './config.js';
import { CONTROLLER_NAME, MANAGED_BY_LABEL, reconcileSlices, SERVICE_NAME_LABEL } from './decisions.js';
import { ServiceSelectors, selectedPods } from './service-selectors.js';
import { SliceTracker } from './slice-tracker.js';
import { writeSlices } from './slice-writer.js';

type Done = (result: SyncResult) => void;

/** Writes down which pods serve a Service, and in what state they are. Mirrors pkg/controller/endpointslice. */
export class EndpointSliceController extends Controller {
  readonly name = 'endpointslice-controller';
  readonly #config: EndpointSliceControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #selectors = new ServiceSelectors();
  readonly #tracker = new SliceTracker();

  constructor(context: ControllerContext, config: EndpointSliceControllerConfiguration) {
    super(context, {
      workers: config.workers,
      maxRetries: config.maxRetries,
      rateLimiter: () => defaultControllerRateLimiter(config.syncBackOff, config.maxSyncBackOff),
    });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: 'endpoint-slice-controller' });
    this.#services = context.informers.informer('Service');
    this.#pods = context.informers.informer('Pod');
    this.#nodes = context.informers.informer('Node');
    this.#slices = context.informers.informer('EndpointSlice');
    this.#watch();
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#selectors.clear();
    this.#tracker.clear();
  }

  #watch(): void {
    this.#selectors.follow(
      { services: this.#services, pods: this.#pods },
      (service) => this.enqueue(keyOf(service)),
      (services) => this.#wake(services),
    );
    this.#slices.onChange({
      added: (slice) => this.#onSliceWritten(slice),
      modified: (slice) => this.#onSliceWritten(slice),
      deleted: (slice) => this.#onSliceDeleted(slice),
    });
  }

  /** As syncService. */
  protected sync(key: ObjectKey, done: Done): void {
    const service = this.#services.get(key);
    if (service === undefined) {
      this.#tracker.forget(key);
      done('done');
      return;
    }
    if (service.spec?.type === 'ExternalName' || service.spec?.selector === undefined) {
      done('done');
      return;
    }
    const slices = this.#slicesOf(service);
    if (this.#tracker.areStale(key, slices)) {
      done('retry');
      return;
    }
    const nodeOf = (pod: Pod): Node | undefined => this.#nodes.get(pod.spec.nodeName ?? '');
    const changes = reconcileSlices({ service, pods: selectedPods(service, this.#pods), slices, nodeOf }, this.#config);
    // Creating slices for a Service that is going would race with the garbage collector.
    const create = isBeingDeleted(service) ? [] : changes.create;
    writeSlices(this.#client, this.#tracker, key, { ...changes, create }, (error) => {
      if (error && isNamespaceTerminating(error)) {
        done('done');
        return;
      }
      const problem = error?.message ?? missingNodes(changes.withoutNode);
      if (problem !== undefined) {
        const message = `Error updating Endpoint Slices for Service ${key}: ${problem}`;
        this.#events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message);
      }
      done(problem === undefined ? 'done' : 'retry');
    });
  }

  #slicesOf({ metadata }: Service): readonly EndpointSlice[] {
    const named = this.#slices.byIndex('label', `${metadata.namespace}/${SERVICE_NAME_LABEL}=${metadata.name}`);
    return [...named].filter((slice) => isManagedHere(slice) && !isBeingDeleted(slice));
  }

  #wake(services: Iterable<Service>): void {
    for (const service of services) {
      this.enqueueAfter(keyOf(service), this.#config.updatesBatchPeriod);
    }
  }

  #onSliceWritten(slice: EndpointSlice): void {
    const service = serviceOf(slice);
    if (service !== undefined && this.#tracker.isNews(service, slice)) {
      this.enqueueAfter(service, this.#config.sliceChangeDelay);
    }
  }

  #onSliceDeleted(slice: EndpointSlice): void {
    const service = serviceOf(slice);
    if (service !== undefined && !this.#tracker.handleDeletion(service, slice)) {
      this.enqueueAfter(service, this.#config.sliceChangeDelay);
    }
  }
}

const isManagedHere = (slice: EndpointSlice): boolean => slice.metadata.labels?.[MANAGED_BY_LABEL] === CONTROLLER_NAME;

/** Key of the Service that a slice of this controller is for. */
function serviceOf(slice: EndpointSlice): ObjectKey | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name && isManagedHere(slice) ? keyFor(slice.metadata.namespace, name) : undefined;
}

const missingNodes = (pods: readonly Pod[]): string | undefined =>
  pods.length === 0
    ? undefined
    : pods.map((pod) => `skipping Pod ${pod.metadata.name}: Node ${pod.spec.nodeName} Not Found`).join(', ');

export const createEndpointSliceController = (
  context: ControllerContext,
  config: EndpointSliceControllerConfiguration,
): EndpointSliceController => new EndpointSliceController(context, config);
