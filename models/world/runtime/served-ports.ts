import type { Machine } from '../machine.js';
import type { PodHost, Port } from '../pod-network.js';
import type { World } from '../world.js';
import type { PodTable } from './pod-table.js';
import type { ContainerConfig, RuntimePod } from './status.js';

/** What the containers of one machine serve, as their specs say; kept only where somebody looks at connections. */
export class ServedPorts implements PodHost {
  readonly #world: World;
  readonly #machine: Machine;
  /** Those of the machine's runtime, by uid. */
  readonly #pods: PodTable;
  /** By pod and container. Init containers serve nothing and are not in here. */
  readonly #ports = new Map<string, Map<string, readonly Port[]>>();

  constructor(world: World, machine: Machine, pods: PodTable, hostIP: string | undefined) {
    this.#world = world;
    this.#machine = machine;
    this.#pods = pods;
    if (hostIP !== undefined) {
      this.give(hostIP);
    }
  }

  get node(): string {
    return this.#machine.node;
  }

  get isOn(): boolean {
    return this.#machine.isOn;
  }

  /** The pod, or the machine itself, has this address from now on. */
  give(address: string, podUid?: string): void {
    this.#world.podNetwork?.give(address, this, podUid);
  }

  note(podUid: string, { name, ports = [], isInit }: ContainerConfig): void {
    if (!isInit) {
      const ofPod = this.#ports.get(podUid) ?? new Map<string, readonly Port[]>();
      this.#ports.set(podUid, ofPod.set(name, ports));
    }
  }

  forget(podUid: string): void {
    this.#ports.delete(podUid);
  }

  /** Whether a process of the pod takes connections now; of no pod: one on the machine's own network. */
  serves(podUid: string | undefined, port: Port): boolean {
    if (podUid === undefined) {
      return this.#servesOnHost(port);
    }
    const pod = this.#pods.get(podUid);
    return pod !== undefined && this.#servesIn(pod, port);
  }

  /** The container that declares the port counts, if one does, else any. */
  #servesIn(pod: RuntimePod, { port, protocol }: Port): boolean {
    const { tasks, simulation } = this.#world;
    const ports = this.#ports.get(pod.uid);
    const declares = (container: string): boolean =>
      ports?.get(container)?.some((one) => one.port === port && one.protocol === protocol) ?? false;
    const isDeclared = [...(ports?.keys() ?? [])].some(declares);
    return pod.containers.some(
      ({ id, name }) =>
        (isDeclared ? declares(name) : ports?.has(name)) && (tasks.get(id)?.servesAt(simulation.now) ?? false),
    );
  }

  /** Pods on the machine's own network share its address, so only a declared port tells whose it is. */
  #servesOnHost(port: Port): boolean {
    const declares = (pod: RuntimePod): boolean =>
      [...(this.#ports.get(pod.uid)?.values() ?? [])].some((ports) =>
        ports.some((one) => one.port === port.port && one.protocol === port.protocol),
      );
    for (const pod of this.#pods.all()) {
      if (pod.sandboxes[0]?.isHostNetwork && declares(pod) && this.#servesIn(pod, port)) {
        return true;
      }
    }
    return false;
  }
}
