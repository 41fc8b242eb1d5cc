import type { ObjectKey, Recorder, Simulation } from '../../engine/index.js';
import type { Kind, Kinds } from '../api/index.js';
import {
  type ApiClient,
  type ApiConnection,
  type ConstantLatency,
  CorrelatingEventRecorder,
  type EventSource,
  SeriesEventRecorder,
  SILENT_EVENT_RECORDER,
} from '../client-go/index.js';
import type { Defaults } from '../versions/index.js';
import type { Network, WorldSettings } from '../world/index.js';
import { hooksFor } from './admission/index.js';
import { Client, type ClientHost, clientQueues } from './client.js';
import { apiServerConfig } from './config.js';
import { DueQueue } from './due-queue.js';
import { expireEvents } from './event-expiry.js';
import type { Hooks } from './hooks.js';
import { InformerGroup } from './informer-group.js';
import { Links } from './links.js';
import { SYSTEM_NAMESPACES } from './namespaces.js';
import { type PodWebhook, withPodWebhooks } from './pod-webhooks.js';
import type { Delivery } from './reflector.js';
import { Registry } from './registry.js';
import { recordObjects } from './timelines.js';
import { type WatchHost, WatchHub } from './watch-hub.js';

export interface ApiServerOptions {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly defaults: Defaults;
  readonly network: Network;
  readonly settings: Pick<WorldSettings, 'apiCall' | 'watchDelivery'>;
  /** Defaulting, admission and validation by kind; left out, those of the real server. */
  readonly hooks?: Hooks;
  /** Mutating webhooks for pods, after the server's own plugins. */
  readonly podWebhooks?: readonly PodWebhook[];
  /** --service-cluster-ip-range: a block, or two with a comma between; left out, the version's default. */
  readonly serviceClusterIPRange?: string;
  /** Past versions kept of each object, for those who look back. */
  readonly versionsKept?: number;
  /** False: no version is computed on read, every write happens. */
  readonly elideQuietEvents?: boolean;
  /** False: nobody reads Events, and those are left out that no other request could wait for. */
  readonly keepsEvents?: boolean;
}

/** kube-apiserver and etcd: the objects, and the way to them. */
export interface ApiServer extends ApiConnection {
  /** The object in force now, without a request. */
  get<K extends Kind>(kind: K, key: ObjectKey): Kinds[K] | undefined;
  /** In order of creation, without a request. */
  list<K extends Kind>(kind: K): Iterable<Kinds[K]>;
  /** The verbs without requests: for what exists before the run begins. */
  readonly registry: Registry;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const { simulation, recorder, defaults, network, settings, elideQuietEvents = true } = options;
  const config = apiServerConfig(defaults);
  // With drawn latencies each request takes a draw, and what is left out would shift the luck of those after it.
  const isNoticed = (client: ApiClient): boolean => client.isLimited || settings.apiCall.kind !== 'constant';
  const isSilent = (client: ApiClient, { hasOwnClient = false }: EventSource): boolean =>
    options.keepsEvents === false && (hasOwnClient || !isNoticed(client));
  const registry = new Registry({
    simulation,
    defaults,
    hooks: withPodWebhooks(options.hooks ?? hooksFor(defaults), options.podWebhooks ?? []),
    versionsKept: options.versionsKept ?? 0,
    ...(options.serviceClusterIPRange && { serviceClusterIPRanges: options.serviceClusterIPRange }),
    constantLatency: elideQuietEvents && !recorder.isWanted('leases') ? constantLatency(settings) : undefined,
  });
  recordObjects(registry.store, recorder);
  expireEvents(simulation, registry, config.eventExpiry);
  const links = new Links(simulation, network);
  const shared = { simulation, registry, links, reconnection: config.reconnection };
  const clientHost: ClientHost = {
    ...shared,
    latency: settings.apiCall,
    latencies: simulation.stream('apiCall'),
    ...clientQueues(simulation),
  };
  const watchHost: WatchHost = {
    ...shared,
    hub: new WatchHub(registry),
    call: settings.apiCall,
    delivery: settings.watchDelivery,
    latencies: simulation.stream('watchDelivery'),
    jitters: simulation.stream('reflector back-off'),
    deliveries: new DueQueue<Delivery>(simulation, 'watch events', (delivery) => delivery.reflector.arrive(delivery)),
  };
  for (const name of SYSTEM_NAMESPACES) {
    registry.create('Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
    // Made by the service account controller long before the run begins.
    const metadata = { name: 'default', namespace: name };
    registry.create('ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  }
  return {
    registry,
    computed: registry.computed,
    onLinkChange: (party, listener) => links.onChange(party, listener),
    get: (kind, key) => registry.get(kind, key),
    list: (kind) => registry.list(kind),
    client: (clientOptions) => new Client(clientHost, clientOptions),
    informers: (process) => new InformerGroup(watchHost, process),
    eventRecorder: (client, source) =>
      isSilent(client, source)
        ? SILENT_EVENT_RECORDER
        : new CorrelatingEventRecorder({ simulation, client, ...source }, config.eventCorrelator),
    seriesEventRecorder: (client, source) =>
      isSilent(client, source)
        ? SILENT_EVENT_RECORDER
        : new SeriesEventRecorder({ simulation, client, ...source }, config.eventSeries),
  };
}

/** Undefined when latencies are drawn. */
function constantLatency({ apiCall, watchDelivery }: ApiServerOptions['settings']): ConstantLatency | undefined {
  if (apiCall.kind !== 'constant' || watchDelivery.kind !== 'constant') {
    return undefined;
  }
  const toServer = Math.floor(apiCall.value / 2);
  return { toServer, toClient: apiCall.value - toServer, watch: watchDelivery.value };
}
