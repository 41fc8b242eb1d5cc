import { type EntityKey, entityKey, type Recorder, type Simulation } from '../../engine/index.js';
import { valueOf } from '../api/index.js';
import type { ApiConnection, Component } from '../client-go/index.js';
import type { ClusterNode, ClusterOptions, NodeTemplate } from '../cluster.js';
import { createKubelet, type KubeletConfiguration } from '../kubelet/index.js';
import { NetworkPlugin } from '../network-plugin/index.js';
import type { Defaults } from '../versions/index.js';
import { ContainerRuntime, Machine, oneDisk, type World } from '../world/index.js';

/** What every node of a cluster shares. */
export interface NodeSurroundings {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly api: ApiConnection;
  readonly world: World;
  readonly defaults: Defaults;
  readonly options: ClusterOptions;
  /** Whether the control plane deals the blocks that pods have their addresses from. */
  readonly allocatesNodeCIDRs: boolean;
}

/** A machine, its container runtime and its kubelet. The kubelet dies with the machine, and comes back when that has booted. */
export class SimulatedNode implements ClusterNode {
  readonly name: string;
  readonly key: EntityKey;
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly kubelet: Component;
  readonly #networkPlugin: NetworkPlugin | undefined;
  #isBooting = false;

  /** `ordinal` numbers the nodes of a cluster: it chooses their addresses. */
  constructor(surroundings: NodeSurroundings, template: NodeTemplate, ordinal: number) {
    const { simulation, recorder, api, world, defaults, options } = surroundings;
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
    this.kubelet =
      options.kubelet?.(template, api) ??
      createKubelet({
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
    this.machine.onPower((isOn) => this.#onPower(isOn, simulation, world));
    if (surroundings.allocatesNodeCIDRs) {
      this.#networkPlugin = new NetworkPlugin({ api, node: template.name, runtime: this.runtime });
      this.#networkPlugin.start();
    }
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
function kubeletConfiguration({ configuration }: ClusterOptions, pool: string): KubeletConfiguration {
  return (configuration?.kubeletByPool?.[pool] ?? configuration?.kubelet ?? {}) as KubeletConfiguration;
}

/** 192.168.0.1 and on: a machine network of 65,000 addresses. */
const hostIP = (ordinal: number): string => `192.168.${(ordinal + 1) >> 8}.${(ordinal + 1) & 255}`;

/** A /24 a node out of 10.0.0.0/8, as kube-controller-manager --allocate-node-cidrs deals them. */
const podCIDR = (ordinal: number): string => `10.${(ordinal >> 8) & 255}.${ordinal & 255}.0/24`;
