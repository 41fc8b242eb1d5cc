import { type EntityKey, entityKey, type Micros, type Recorder, type Simulation } from '../../engine/index.js';
import { nodeParty, valueOf } from '../api/index.js';
import type { ApiConnection, Component } from '../client-go/index.js';
import type { ClusterNode, ClusterOptions, NodeTemplate } from '../cluster.js';
import { createKubelet, type Kubelet, type KubeletConfiguration } from '../kubelet/index.js';
import type { ScrapedNode } from '../metrics-server/index.js';
import { NetworkPlugin } from '../network-plugin/index.js';
import type { Defaults } from '../versions/index.js';
import { ContainerRuntime, Machine, type Network, oneDisk, StateLog, type World } from '../world/index.js';

/** What every node of a cluster shares. */
export interface NodeSurroundings {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly api: ApiConnection;
  readonly world: World;
  readonly network: Network;
  readonly defaults: Defaults;
  readonly options: ClusterOptions;
  /** Whether the control plane deals the blocks that pods have their addresses from. */
  readonly allocatesNodeCIDRs: boolean;
}

/** A machine, its container runtime and its kubelet. The kubelet dies with the machine, and comes back when that has booted. */
export class SimulatedNode implements ClusterNode, ScrapedNode {
  readonly name: string;
  readonly key: EntityKey;
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly kubelet: Component;
  readonly manifests: Kubelet['manifests'] | undefined;
  readonly hangKubelet: () => () => void;
  readonly #networkPlugin: NetworkPlugin | undefined;
  /** Undefined: another than the real kubelet, which tells nothing. */
  readonly #metrics: Kubelet['resourceMetrics'] | undefined;
  readonly #isSilent = new StateLog(false);
  #isBooting = false;
  #isHung = false;

  /** `ordinal` numbers the nodes of a cluster: it chooses their addresses. */
  constructor(surroundings: NodeSurroundings, template: NodeTemplate, ordinal: number) {
    const { simulation, api, world, options } = surroundings;
    this.name = template.name;
    this.key = entityKey(template.name);
    this.machine = new Machine(template.name);
    this.runtime = new ContainerRuntime({
      world,
      machine: this.machine,
      memory: valueOf(template.capacity['memory'] ?? '0'),
      disks: template.disks ?? oneDisk(valueOf(template.capacity['ephemeral-storage'] ?? '0')),
      maxPID: template.maxPID,
      hostIP: hostIP(ordinal),
      ...(!surroundings.allocatesNodeCIDRs && { podCIDR: podCIDR(ordinal) }),
    });
    const played = options.kubelet?.(template, api);
    const kubelet = played === undefined ? this.#createKubelet(surroundings, template, ordinal) : undefined;
    this.kubelet = played ?? (kubelet as Kubelet);
    this.manifests = kubelet?.manifests;
    this.#metrics = kubelet?.resourceMetrics;
    this.machine.onPower(() => this.noteSilence(surroundings));
    this.hangKubelet = () => this.#hang(kubelet, surroundings);
    this.machine.onPower((isOn) => this.#onPower(isOn, simulation, world));
    if (surroundings.allocatesNodeCIDRs) {
      this.#networkPlugin = new NetworkPlugin({ api, node: template.name, runtime: this.runtime });
      this.#networkPlugin.start();
    }
  }

  /** To be called when who reaches it has changed: whoever asks it then hears nothing, not even that nobody listens. */
  noteSilence({ network, simulation }: Pick<NodeSurroundings, 'network' | 'simulation'>): void {
    const isReached = this.machine.isOn && !this.#isHung && network.reaches(nodeParty(this.name), 'control-plane');
    this.#isSilent.note(!isReached, simulation.now);
  }

  isSilentAt(at: Micros): boolean {
    return this.#isSilent.at(at);
  }

  podAt(podUid: string, at: Micros): ReturnType<ScrapedNode['podAt']> {
    return this.#metrics?.podAt(podUid, at) ?? [];
  }

  #hang(kubelet: Kubelet | undefined, surroundings: NodeSurroundings): () => void {
    const goOn = kubelet?.hang();
    this.#isHung = goOn !== undefined;
    this.noteSilence(surroundings);
    return () => {
      goOn?.();
      this.#isHung = false;
      this.noteSilence(surroundings);
    };
  }

  #createKubelet(
    { simulation, recorder, api, defaults, options }: NodeSurroundings,
    template: NodeTemplate,
    ordinal: number,
  ): Kubelet {
    return createKubelet({
      simulation,
      recorder,
      api,
      defaults,
      node: template,
      machine: this.machine,
      runtime: this.runtime,
      hostIP: hostIP(ordinal),
      configuration: kubeletConfiguration(options, template.pool),
      elideQuietEvents: options.elideQuietEvents ?? true,
    });
  }

  #onPower(isOn: boolean, simulation: Simulation, world: World): void {
    if (!isOn) {
      this.kubelet.stop();
      this.#networkPlugin?.stop();
      return;
    }
    if (!this.#isBooting) {
      this.#isBooting = true;
      simulation.after(world.settings.machineBoot, () => {
        this.#isBooting = false;
        if (this.machine.isOn) {
          this.kubelet.start();
          this.#networkPlugin?.start();
        }
      });
    }
  }
}

/** The pool's own configuration where there is one, else that of all nodes. */
export function kubeletConfiguration({ configuration }: ClusterOptions, pool: string): KubeletConfiguration {
  return (configuration?.kubeletByPool?.[pool] ?? configuration?.kubelet ?? {}) as KubeletConfiguration;
}

/** 192.168.0.1 and on: a machine network of 65,000 addresses. */
const hostIP = (ordinal: number): string => `192.168.${(ordinal + 1) >> 8}.${(ordinal + 1) & 255}`;

/** A /24 a node out of 10.0.0.0/8, as kube-controller-manager --allocate-node-cidrs deals them. */
const podCIDR = (ordinal: number): string => `10.${(ordinal >> 8) & 255}.${ordinal & 255}.0/24`;
