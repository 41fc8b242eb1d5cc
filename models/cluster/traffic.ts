import type { ObjectKey, Recorder, Simulation } from '../../engine/index.js';
import type { Service } from '../api/index.js';
import type { ApiServer } from '../apiserver/index.js';
import { CoreDns, coreDnsConfiguration } from '../coredns/index.js';
import { IngressRoutes } from '../ingress-controller/index.js';
import { KubeProxy, kubeProxyConfiguration, ROUTING, RoutingRecorder } from '../kube-proxy/index.js';
import { NetworkPolicies } from '../network-policy/index.js';
import type { Defaults } from '../versions/index.js';
import type { Machine, Need, Onlooker, PodNetwork, World } from '../world/index.js';
import { Lookout, type Sight } from './lookout.js';

export interface TrafficOptions {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly server: ApiServer;
  readonly world: World;
  readonly podNetwork: PodNetwork;
  readonly defaults: Defaults;
  /** KubeProxyConfiguration of all nodes. */
  readonly kubeProxy: Readonly<Record<string, unknown>>;
}

/** A node's proxy, and the machine that it lives and dies with. */
interface ProxiedNode {
  readonly machine: Machine;
  readonly proxy: KubeProxy;
}

/** DNS and the way of connections through the cluster; built only where somebody looks at them. */
export class Traffic {
  readonly lookout: Lookout;
  readonly #options: TrafficOptions;
  readonly #nodes = new Map<string, ProxiedNode>();
  readonly #recorder: RoutingRecorder | undefined;
  readonly #dns: CoreDns;
  readonly #policies: NetworkPolicies;
  readonly #ingressRoutes: IngressRoutes;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { simulation, recorder, podNetwork, server, defaults } = options;
    this.lookout = new Lookout({
      simulation,
      look: (from, need, isNoticed) => this.#look(from, need, isNoticed),
      serves: (url) => this.#serves(url),
      announce: (from, need, every) => this.#dns.poll(hostOf(need), namespaceOf(from), every),
    });
    this.#dns = new CoreDns({
      simulation,
      api: server,
      config: coreDnsConfiguration(defaults),
      onChange: () => this.lookout.changed(),
    });
    this.#policies = new NetworkPolicies({ api: server, onChange: () => this.lookout.changed() });
    this.#ingressRoutes = new IngressRoutes({ api: server, onChange: () => this.lookout.changed() });
    this.#dns.start();
    this.#ingressRoutes.start();
    this.#policies.start();
    podNetwork.onChange(() => this.lookout.changed());
    const timeline = recorder.open(ROUTING);
    this.#recorder =
      timeline &&
      new RoutingRecorder({
        simulation,
        timeline,
        podNetwork,
        service: (key): Service | undefined => server.get('Service', key),
        proxies: () => [...this.#nodes.values()].flatMap(({ machine, proxy }) => (machine.isOn ? proxy : [])),
      });
  }

  /** A machine joins: its kube-proxy starts, and again after every boot. */
  addNode(machine: Machine, zone: string): void {
    const { simulation, server, world, defaults, kubeProxy } = this.#options;
    const proxy = new KubeProxy({
      simulation,
      api: server,
      place: { node: machine.node, zone },
      config: kubeProxyConfiguration(defaults, kubeProxy, world.settings.proxySync),
      onChange: (services) => this.#onRules(services),
    });
    this.#nodes.set(machine.node, { machine, proxy });
    machine.onPower((isOn) => {
      if (!isOn) {
        proxy.stop();
        return;
      }
      const { bootId } = machine;
      simulation.after(world.settings.machineBoot, () => {
        if (machine.isOn && machine.bootId === bootId) {
          proxy.start();
        }
      });
    });
    proxy.start();
  }

  #onRules(services: ReadonlySet<ObjectKey>): void {
    this.#recorder?.onRules(services);
    this.lookout.changed();
  }

  /** From a node that is up: where the ingress controller would be. */
  #serves(url: string): boolean {
    const [host = '', ...path] = url.split('/');
    const at = [...this.#nodes.values()].find(({ machine }) => machine.isOn)?.machine.node;
    return (
      at !== undefined &&
      this.#ingressRoutes
        .endpointsFor(host, `/${path.join('/')}`)
        .some(
          ({ address, port }) =>
            this.#options.podNetwork.connect(at, address, { port, protocol: 'TCP' }) === 'answered',
        )
    );
  }

  #look(from: Onlooker, need: Need, isNoticed: boolean): Sight {
    if ('reaches' in need && ADDRESS.test(hostOf(need))) {
      return { isMet: this.#reaches(from, hostOf(need), portOf(need)) };
    }
    if (!this.#policies.allowsDns(from.pod)) {
      return { isMet: false };
    }
    const { addresses, outside, staleUntil } = this.#dns.lookUp(hostOf(need), namespaceOf(from), isNoticed);
    const isFound = addresses.length > 0 || outside !== undefined;
    const isMet =
      'resolves' in need
        ? isFound
        : outside !== undefined || addresses.some((address) => this.#reaches(from, address, portOf(need)));
    return { isMet, staleUntil };
  }

  /** Through the rules of the onlooker's node where the address is a Service's, else straight to whoever has it. */
  #reaches({ pod, node }: Onlooker, address: string, port: number): boolean {
    const { podNetwork } = this.#options;
    const answers = (at: string, to: number): boolean => {
      const wanted = { port: to, protocol: 'TCP' };
      return this.#policies.allows(pod, at, wanted) && podNetwork.connect(node, at, wanted) === 'answered';
    };
    const route = this.#nodes.get(node)?.proxy.routeToAddress(address, port);
    return route === undefined
      ? answers(address, port)
      : route.endpoints.some((endpoint) => answers(endpoint.address, endpoint.port));
  }
}

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

const hostOf = (need: Need): string => ('resolves' in need ? need.resolves : (need.reaches.split(':')[0] as string));

const portOf = (need: Need): number => ('reaches' in need ? Number(need.reaches.split(':')[1]) : 0);

const namespaceOf = ({ pod }: Onlooker): string => pod.split('/')[0] as string;
