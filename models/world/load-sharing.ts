import type { Micros, ObjectKey, Simulation } from '../../engine/index.js';

/** Tells the pods that requests to a Service go to, now and whenever that changes. */
export type EndpointsOf = (service: ObjectKey, tell: (pods: ReadonlySet<ObjectKey>) => void) => void;

/** A stretch of time in which a pod is one of `pods` that share the requests to a Service. */
export interface Share {
  readonly from: Micros;
  readonly to: Micros;
  readonly pods: number;
}

interface Route {
  readonly from: Micros;
  readonly pods: ReadonlySet<ObjectKey>;
}

/** How far back anybody looks. */
const KEPT: Micros = 300_000_000;

/** Where requests to Services go, for those Services whose load some container bears. Others cost nothing. */
export class LoadSharing {
  readonly #simulation: Simulation;
  readonly #endpointsOf: EndpointsOf;
  readonly #routes = new Map<ObjectKey, Route[]>();

  constructor(simulation: Simulation, endpointsOf: EndpointsOf) {
    this.#simulation = simulation;
    this.#endpointsOf = endpointsOf;
  }

  /** From now on it is known who bears the load of this Service. */
  follow(service: ObjectKey): void {
    if (!this.#routes.has(service)) {
      const routes: Route[] = [];
      this.#routes.set(service, routes);
      this.#endpointsOf(service, (pods) => this.#note(routes, pods));
    }
  }

  /** When between two instants the pod bore a part of the load, and how many others did. At most five minutes back. */
  sharesOf(service: ObjectKey, pod: ObjectKey, from: Micros, to: Micros): readonly Share[] {
    const routes = this.#routes.get(service) ?? [];
    return routes.flatMap((route, i) => {
      const share = {
        from: Math.max(from, route.from),
        to: Math.min(to, routes[i + 1]?.from ?? Number.POSITIVE_INFINITY),
        pods: route.pods.size,
      };
      return share.from < share.to && route.pods.has(pod) ? [share] : [];
    });
  }

  #note(routes: Route[], pods: ReadonlySet<ObjectKey>): void {
    const { now } = this.#simulation;
    const firstKept = routes.findIndex((_, i) => (routes[i + 1]?.from ?? now) > now - KEPT);
    routes.splice(0, Math.max(0, firstKept));
    if (routes.at(-1)?.from === now) {
      routes.pop();
    }
    routes.push({ from: now, pods });
  }
}
