import { type EndpointSlice, type Ingress, keyFor, type Service } from '../api/index.js';
import type { ApiConnection, Component, Informer, InformerFactory } from '../client-go/index.js';
import { backendOf } from './decisions.js';

export interface IngressRoutesOptions {
  readonly api: ApiConnection;
  /** Called whenever some request may be answered otherwise than before. */
  readonly onChange: () => void;
}

/** k8s.io/api/discovery/v1 LabelServiceName */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Where an ingress controller sends requests, from caches of its own. */
export class IngressRoutes implements Component {
  readonly name = 'ingress-routes';
  readonly #informers: InformerFactory;
  readonly #ingresses: Informer<Ingress>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;

  constructor({ api, onChange }: IngressRoutesOptions) {
    this.#informers = api.informers({ name: this.name, from: 'control-plane' });
    this.#ingresses = this.#informers.informer('Ingress');
    this.#services = this.#informers.informer('Service');
    this.#slices = this.#informers.informer('EndpointSlice');
    for (const informer of [this.#ingresses, this.#services, this.#slices] as const) {
      informer.onChange({ added: onChange, modified: onChange, deleted: onChange });
    }
  }

  start(): void {
    this.#informers.start();
  }

  stop(): void {
    this.#informers.stop();
  }

  /** Addresses and ports that a request for a host and path may be sent to; none: 404 or 503. */
  endpointsFor(host: string, path: string): readonly { readonly address: string; readonly port: number }[] {
    const backend = backendOf([...this.#ingresses.list()], host, path);
    const service = backend && this.#services.get(keyFor(backend.namespace, backend.service));
    const port = service?.spec?.ports?.find(
      ({ name, port: number }) => number === backend?.port || name === backend?.port,
    );
    if (service === undefined || port === undefined) {
      return [];
    }
    const { namespace, name } = service.metadata;
    const slices = [...this.#slices.byIndex('label', `${namespace}/${SERVICE_NAME_LABEL}=${name}`)];
    return slices.flatMap(({ ports, endpoints }) => {
      const target = ports?.find((one) => (one.name ?? '') === (port.name ?? ''))?.port;
      return (endpoints ?? []).flatMap(({ addresses, conditions }) =>
        target !== undefined && (conditions?.ready ?? true) ? [{ address: addresses[0] ?? '', port: target }] : [],
      );
    });
  }
}
