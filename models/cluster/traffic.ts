import type { ObjectKey, Recorder, Simulation } from '../../engine/index.js';
import type { Service } from '../api/index.js';
import type { ApiServer } from '../apiserver/index.js';
import { KubeProxy, kubeProxyConfiguration, ROUTING, RoutingRecorder } from '../kube-proxy/index.js';
import type { Defaults } from '../versions/index.js';
import type { Machine, PodNetwork, World } from '../world/index.js';

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

/** The way of connections through the cluster; built only where somebody looks at it. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #nodes = new Map<string, ProxiedNode>();
  readonly #recorder: RoutingRecorder | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { simulation, recorder, podNetwork, server } = options;
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
  }
}
