import { draw, type EntityKey, entityKey, type Micros, type ObjectKey, type Simulation } from '../../engine/index.js';
import { type EndpointSlice, keyFor, keyOf, nodeParty, type Service } from '../api/index.js';
import type { ApiConnection, Component, Informer, InformerFactory } from '../client-go/index.js';
import type { KubeProxyConfiguration } from './config.js';
import { isProxied, type Place, type Route, routeTo, rulesOf, type ServiceRules } from './decisions.js';
import { BurstRunner, RestingRunner, type SyncRunner } from './runner.js';

export interface KubeProxyOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  readonly place: Place;
  readonly config: KubeProxyConfiguration;
  /** Called after a write of the rules, with the Services whose rules are others now. */
  readonly onChange: (services: ReadonlySet<ObjectKey>) => void;
}

/** k8s.io/api/discovery/v1 LabelServiceName */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** kube-proxy on one node: writes where connections to Services go, from caches that lag. Mirrors pkg/proxy. */
export class KubeProxy implements Component {
  readonly name = 'kube-proxy';
  readonly place: Place;
  readonly #options: KubeProxyOptions;
  readonly #informers: InformerFactory;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #runner: SyncRunner;
  readonly #key: EntityKey;
  /** What the kernel has. */
  readonly #rules = new Map<ObjectKey, ServiceRules>();
  /** Services that changed since the last write began. */
  #changed = new Set<ObjectKey>();
  /** What the write that runs will put into the kernel. */
  #writing = new Map<ObjectKey, ServiceRules | undefined>();
  #isSynced = false;
  #syncs = 0;

  constructor(options: KubeProxyOptions) {
    const { simulation, api, place, config } = options;
    this.#options = options;
    this.place = place;
    this.#key = entityKey(`kube-proxy ${place.node}`);
    this.#informers = api.informers({ name: `${this.name} ${place.node}`, from: nodeParty(place.node) });
    this.#services = this.#informers.informer('Service');
    this.#slices = this.#informers.informer('EndpointSlice');
    const runner = {
      simulation,
      minInterval: config.minSyncPeriod,
      begin: () => this.#begin(),
      end: () => this.#end(),
    };
    this.#runner = config.burst === undefined ? new RestingRunner(runner) : new BurstRunner(runner, config.burst);
    const onService = (service: Service): void => this.#onChange(keyOf(service));
    const onSlice = (slice: EndpointSlice): void => this.#onChange(serviceOf(slice));
    this.#services.onChange({ added: onService, modified: onService, deleted: onService });
    this.#slices.onChange({ added: onSlice, modified: onSlice, deleted: onSlice });
  }

  start(): void {
    this.#informers.start();
    this.#informers.whenSynced(() => {
      this.#isSynced = true;
      this.#runner.request();
    });
  }

  /** The machine dies, and the kernel's rules with it. */
  stop(): void {
    this.#informers.stop();
    this.#runner.stop();
    this.#isSynced = false;
    this.#changed = new Set();
    this.#writing = new Map();
    this.#rules.clear();
  }

  /** Whether the kernel has the rules of a Service. */
  knows(service: ObjectKey): boolean {
    return this.#rules.has(service);
  }

  /** Where a connection to a port of a Service goes, by the rules in force; undefined when the kernel has none for it. */
  route(service: ObjectKey, portName: string, from: 'inside' | 'outside'): Route | undefined {
    const rules = this.#rules.get(service);
    return rules && routeTo(rules, portName, this.place, from, this.#options.config);
  }

  /** The same by the address of a Service and a TCP port; undefined when no Service that it knows has that. */
  routeToAddress(address: string, port: number): Route | undefined {
    for (const [key, { service }] of this.#rules) {
      if (service.spec?.clusterIPs?.includes(address)) {
        const found = service.spec.ports?.find((one) => one.port === port && (one.protocol ?? 'TCP') === 'TCP');
        return found && this.route(key, found.name ?? '', 'inside');
      }
    }
    return undefined;
  }

  #onChange(service: ObjectKey): void {
    this.#changed.add(service);
    if (this.#isSynced) {
      this.#runner.request();
    }
  }

  #begin(): Micros {
    this.#writing = new Map([...this.#changed].map((service) => [service, this.#rulesOf(service)]));
    this.#changed = new Set();
    const { simulation, config } = this.#options;
    return Math.max(0, Math.round(draw(simulation.stream('proxy sync'), this.#key, this.#syncs++, config.sync)));
  }

  #end(): void {
    const changed = new Set<ObjectKey>();
    for (const [service, rules] of this.#writing) {
      if (rules !== undefined) {
        this.#rules.set(service, rules);
        changed.add(service);
      } else if (this.#rules.delete(service)) {
        changed.add(service);
      }
    }
    this.#writing = new Map();
    if (changed.size > 0) {
      this.#options.onChange(changed);
    }
  }

  #rulesOf(key: ObjectKey): ServiceRules | undefined {
    const service = this.#services.get(key);
    if (service === undefined || !isProxied(service)) {
      return undefined;
    }
    const { namespace, name } = service.metadata;
    return rulesOf(service, [...this.#slices.byIndex('label', `${namespace}/${SERVICE_NAME_LABEL}=${name}`)]);
  }
}

const serviceOf = ({ metadata }: EndpointSlice): ObjectKey =>
  keyFor(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? '');
