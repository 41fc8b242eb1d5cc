import type { ObjectKey } from '../../../engine/index.js';
import { type EndpointSlice, type Endpoints, isBeingDeleted, keyFor, keyOf, type Service } from '../../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  type SyncResult,
} from '../../client-go/index.js';
import type { MirroringControllerConfiguration } from '../config.js';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../decisions.js';
import { SliceTracker } from '../slice-tracker.js';
import { writeSlices } from '../slice-writer.js';
import { isMirrored, MIRRORING_CONTROLLER_NAME, type MirrorChanges, mirror } from './decisions.js';

type Done = (result: SyncResult) => void;

/** Makes EndpointSlices of Endpoints that somebody wrote for a Service without a selector. Mirrors pkg/controller/endpointslicemirroring. */
class EndpointSliceMirroringController extends Controller {
  readonly name = 'endpointslicemirroring-controller';
  readonly #config: MirroringControllerConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #tracker = new SliceTracker();

  constructor(context: ControllerContext, config: MirroringControllerConfiguration) {
    super(context, { workers: config.workers, maxRetries: config.maxRetries });
    this.#config = config;
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = context.api.eventRecorder(this.#client, { component: 'endpoint-slice-mirroring-controller' });
    this.#services = context.informers.informer('Service');
    this.#endpoints = context.informers.informer('Endpoints');
    this.#slices = context.informers.informer('EndpointSlice');
    this.#watch();
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#tracker.clear();
  }

  #watch(): void {
    const wake = (object: Endpoints): void => this.enqueueAfter(keyOf(object), this.#config.updatesBatchPeriod);
    this.#endpoints.onChange({ added: wake, modified: wake, deleted: wake });
    this.#services.onChange({
      added: (service) => this.enqueue(keyOf(service)),
      modified: (service, before) => {
        if ((service.spec?.selector === undefined) !== (before.spec?.selector === undefined)) {
          this.enqueue(keyOf(service));
        }
      },
      deleted: (service) => this.enqueue(keyOf(service)),
    });
    this.#slices.onChange({
      added: (slice) => this.#onSliceWritten(slice),
      modified: (slice) => this.#onSliceWritten(slice),
      deleted: (slice) => this.#onSliceDeleted(slice),
    });
  }

  /** As syncEndpoints. */
  protected sync(key: ObjectKey, done: Done): void {
    const endpoints = this.#endpoints.get(key);
    const service = this.#services.get(key);
    const slices = this.#slicesOf(key);
    const isWanted =
      endpoints !== undefined &&
      isMirrored(endpoints) &&
      service !== undefined &&
      service.spec?.selector === undefined &&
      !isBeingDeleted(service);
    if (!isWanted) {
      this.#write(key, { create: [], update: [], delete: slices, skipped: 0 }, done);
      return;
    }
    if (this.#tracker.areStale(key, slices)) {
      done('retry');
      return;
    }
    const changes = mirror(endpoints, slices, this.#config.maxEndpointsPerSubset);
    if (changes.skipped > 0) {
      const message =
        `A max of ${this.#config.maxEndpointsPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ` +
        `${changes.skipped} addresses were skipped`;
      this.#events.event(endpoints, 'Warning', 'TooManyAddressesToMirror', message);
    }
    this.#write(key, changes, done);
  }

  #write(key: ObjectKey, changes: MirrorChanges, done: Done): void {
    writeSlices(this.#client, this.#tracker, key, changes, (error) => done(error === undefined ? 'done' : 'retry'));
  }

  #slicesOf(key: ObjectKey): readonly EndpointSlice[] {
    const [namespace, name] = key.split('/');
    const named = this.#slices.byIndex('label', `${namespace}/${SERVICE_NAME_LABEL}=${name}`);
    return [...named].filter((slice) => isMirror(slice) && !isBeingDeleted(slice));
  }

  #onSliceWritten(slice: EndpointSlice): void {
    const key = mirroredKey(slice);
    if (key !== undefined && this.#tracker.isNews(key, slice)) {
      this.enqueue(key);
    }
  }

  #onSliceDeleted(slice: EndpointSlice): void {
    const key = mirroredKey(slice);
    if (key !== undefined && !this.#tracker.handleDeletion(key, slice)) {
      this.enqueue(key);
    }
  }
}

const isMirror = ({ metadata }: EndpointSlice): boolean =>
  metadata.labels?.[MANAGED_BY_LABEL] === MIRRORING_CONTROLLER_NAME;

function mirroredKey(slice: EndpointSlice): ObjectKey | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name && isMirror(slice) ? keyFor(slice.metadata.namespace, name) : undefined;
}

export const createEndpointSliceMirroringController = (
  context: ControllerContext,
  config: MirroringControllerConfiguration,
): Controller => new EndpointSliceMirroringController(context, config);
