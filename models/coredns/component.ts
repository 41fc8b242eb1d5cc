import type { Micros, Simulation } from '../../engine/index.js';
import { type EndpointSlice, keyFor, type Namespace, type Service } from '../api/index.js';
import type { ApiConnection, Component, Informer, InformerFactory } from '../client-go/index.js';
import { AnswerCache, type Poller } from './answer-cache.js';
import type { CoreDnsConfiguration } from './config.js';
import { answerTo, type DnsAnswer, type DnsView, isInCluster, searchNames } from './decisions.js';

export interface CoreDnsOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
  readonly config: CoreDnsConfiguration;
  /** Called whenever some answer may be another than before. */
  readonly onChange: () => void;
}

/** What a resolver found. */
export interface Lookup extends DnsAnswer {
  /** The name that was answered for. */
  readonly name: string;
  /** When one of the answers it rests on is asked for anew; undefined: they are as fresh as CoreDNS' own knowledge. */
  readonly staleUntil?: Micros;
}

/** k8s.io/api/discovery/v1 LabelServiceName */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** The cluster's DNS, with its Corefile as kubeadm writes it. Mirrors CoreDNS' plugins kubernetes and cache. */
export class CoreDns implements Component {
  readonly name = 'coredns';
  readonly #simulation: Simulation;
  readonly #informers: InformerFactory;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespaces: Informer<Namespace>;
  readonly #cache: AnswerCache | undefined;
  readonly #view: DnsView;

  constructor({ simulation, api, config, onChange }: CoreDnsOptions) {
    this.#simulation = simulation;
    this.#informers = api.informers({ name: this.name, from: 'control-plane' });
    this.#services = this.#informers.informer('Service');
    this.#slices = this.#informers.informer('EndpointSlice');
    this.#namespaces = this.#informers.informer('Namespace');
    this.#cache = config.cacheTTL === undefined ? undefined : new AnswerCache(config.cacheTTL);
    this.#view = {
      hasNamespace: (namespace) => this.#namespaces.get(namespace) !== undefined,
      service: (namespace, name) => this.#services.get(keyFor(namespace, name)),
      slices: (namespace, name) => [...this.#slices.byIndex('label', `${namespace}/${SERVICE_NAME_LABEL}=${name}`)],
    };
    for (const informer of [this.#services, this.#slices, this.#namespaces] as const) {
      informer.onChange({ added: onChange, modified: onChange, deleted: onChange });
    }
  }

  start(): void {
    this.#informers.start();
  }

  stop(): void {
    this.#informers.stop();
    this.#cache?.clear();
  }

  /**
   * What nslookup says in a container of a pod of this namespace: of the names it tries, the first that has an answer. With
   * `isKept` false the cache stays as it is.
   */
  lookUp(name: string, namespace: string, isKept = true): Lookup {
    let staleUntil: Micros | undefined;
    let last = name;
    for (const asked of searchNames(name, namespace)) {
      const { answer, until } = this.#ask(asked, isKept);
      staleUntil = until === undefined ? staleUntil : Math.min(until, staleUntil ?? until);
      last = asked;
      if (answer.addresses.length > 0 || answer.outside !== undefined) {
        return { ...answer, name: asked, ...(staleUntil !== undefined && { staleUntil }) };
      }
    }
    return { rcode: 'NXDOMAIN', addresses: [], name: last, ...(staleUntil !== undefined && { staleUntil }) };
  }

  /** Somebody asks for a name from now on, every so often, until it is found; see AnswerCache. Answers how to tell that this is over. */
  poll(name: string, namespace: string, every: Micros): () => void {
    const poller: Poller = { names: new Set(searchNames(name, namespace)), since: this.#simulation.now, every };
    this.#cache?.add(poller);
    return () => this.#cache?.remove(poller);
  }

  #ask(name: string, isKept: boolean): { readonly answer: DnsAnswer; readonly until: Micros | undefined } {
    const find = (): DnsAnswer => answerTo(name, this.#view);
    if (this.#cache === undefined || !isInCluster(name)) {
      return { answer: find(), until: undefined };
    }
    return this.#cache.ask(name, this.#simulation.now, find, isKept);
  }
}
