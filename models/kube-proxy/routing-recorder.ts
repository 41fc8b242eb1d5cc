import type { ObjectKey, Simulation, Timeline } from '../../engine/index.js';
import type { Service } from '../api/index.js';
import type { PodNetwork } from '../world/index.js';
import type { KubeProxy } from './component.js';
import type { ProxiedEndpoint, Route } from './decisions.js';
import type { RoutingRow } from './timelines.js';

export interface RoutingRecorderOptions {
  readonly simulation: Simulation;
  readonly timeline: Timeline<RoutingRow>;
  readonly podNetwork: PodNetwork;
  readonly service: (key: ObjectKey) => Service | undefined;
  /** The proxies of nodes that are up, by name of the node. */
  readonly proxies: () => readonly KubeProxy[];
}

/** What becomes of connections from one node. */
interface Share {
  readonly node: string;
  readonly refused: number;
  readonly timeout: number;
}

/** Compares what every node's kube-proxy routes to with what answers there, and tells each change of it. */
export class RoutingRecorder {
  readonly #options: RoutingRecorderOptions;
  readonly #known = new Set<ObjectKey>();
  readonly #last = new Map<string, string>();
  #isDue = false;

  constructor(options: RoutingRecorderOptions) {
    this.#options = options;
    options.podNetwork.onChange(() => this.look());
  }

  /** The rules of some node changed. */
  onRules(services: ReadonlySet<ObjectKey>): void {
    for (const service of services) {
      this.#known.add(service);
    }
    this.look();
  }

  /** All that happens at one instant is one change. */
  look(): void {
    if (!this.#isDue) {
      this.#isDue = true;
      this.#options.simulation.after(0, () => {
        this.#isDue = false;
        this.#record();
      });
    }
  }

  #record(): void {
    const proxies = this.#options.proxies();
    for (const key of [...this.#known].sort()) {
      const service = this.#options.service(key);
      const informed = proxies.filter((proxy) => proxy.knows(key));
      if (service === undefined || informed.length === 0) {
        this.#known.delete(key);
        continue;
      }
      for (const { name = '', port, protocol = 'TCP' } of service.spec?.ports ?? []) {
        this.#append(service, port, this.#rowOf(informed, key, name, protocol));
      }
    }
  }

  #rowOf(
    proxies: readonly KubeProxy[],
    key: ObjectKey,
    portName: string,
    protocol: string,
  ): Omit<RoutingRow, 'namespace' | 'service' | 'port'> {
    const failing = new Set<string>();
    const used = new Set<string>();
    const shares = proxies.map((proxy): Share => {
      const route = proxy.route(key, portName, 'inside') as Route;
      for (const { address } of route.endpoints) {
        used.add(address);
      }
      return this.#shareOf(proxy.place.node, route, protocol, failing);
    });
    const worst = shares.reduce((most, share) => (failed(share) > failed(most) ? share : most));
    const mean = (of: (share: Share) => number): number =>
      rounded(shares.reduce((sum, share) => sum + of(share), 0) / shares.length);
    return {
      nodes: shares.length,
      endpoints: used.size,
      failing_share: mean(failed),
      timeout_share: mean(({ timeout }) => timeout),
      worst_node: failed(worst) > 0 ? worst.node : '',
      worst_share: rounded(failed(worst)),
      failing: [...failing].sort().join(' '),
    };
  }

  #shareOf(node: string, { endpoints, otherwise }: Route, protocol: string, failing: Set<string>): Share {
    if (endpoints.length === 0) {
      return { node, refused: Number(otherwise === 'refused'), timeout: Number(otherwise === 'timeout') };
    }
    let refused = 0;
    let timeout = 0;
    for (const endpoint of endpoints) {
      const answer = this.#options.podNetwork.connect(node, endpoint.address, { port: endpoint.port, protocol });
      refused += Number(answer === 'refused');
      timeout += Number(answer === 'timeout');
      if (answer !== 'answered') {
        failing.add(nameOf(endpoint));
      }
    }
    return { node, refused: refused / endpoints.length, timeout: timeout / endpoints.length };
  }

  #append({ metadata }: Service, port: number, row: Omit<RoutingRow, 'namespace' | 'service' | 'port'>): void {
    const id = `${metadata.namespace}/${metadata.name}:${port}`;
    const text = JSON.stringify(row);
    if (this.#last.get(id) !== text) {
      this.#last.set(id, text);
      this.#options.timeline.append({ namespace: metadata.namespace ?? '', service: metadata.name, port, ...row });
    }
  }
}

const failed = ({ refused, timeout }: Share): number => refused + timeout;

const nameOf = ({ pod, address }: ProxiedEndpoint): string => pod.split('/')[1] ?? address;

/** Four digits: what a share of thousands of endpoints needs. */
const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;
