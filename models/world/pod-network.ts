import type { Micros, Simulation } from '../../engine/index.js';
import { nodeParty } from '../api/index.js';
import type { Network } from './network.js';

/** What comes of a connection: an answer, "connection refused" from a machine that is there, or nothing until a time-out. */
export type Answer = 'answered' | 'refused' | 'timeout';

export interface Port {
  readonly port: number;
  /** 'TCP', 'UDP', 'SCTP'. */
  readonly protocol: string;
}

/** A machine that pods run on, as the network sees it. */
export interface PodHost {
  readonly node: string;
  readonly isOn: boolean;
  /** Whether a process of the pod takes connections on the port now; of no pod: one on the machine's own network. */
  serves(podUid: string | undefined, port: Port): boolean;
}

/** Who has which address, and what answers there: the truth that endpoints and routes lag behind. */
export class PodNetwork {
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #holders = new Map<string, { readonly host: PodHost; readonly podUid: string | undefined }>();
  readonly #listeners: (() => void)[] = [];

  constructor(simulation: Simulation, network: Network) {
    this.#simulation = simulation;
    this.#network = network;
    network.onChange(() => this.changed());
  }

  /** A pod, or a machine itself, has this address from now on. */
  give(address: string, host: PodHost, podUid: string | undefined): void {
    this.#holders.set(address, { host, podUid });
    this.changed();
  }

  takeBack(address: string): void {
    this.#holders.delete(address);
    this.changed();
  }

  /** What a process on a node finds at an address now. An address that nobody has swallows what is sent there. */
  connect(node: string, address: string, port: Port): Answer {
    const holder = this.#holders.get(address);
    if (holder === undefined || !holder.host.isOn) {
      return 'timeout';
    }
    if (!this.#network.reaches(nodeParty(node), nodeParty(holder.host.node))) {
      return 'timeout';
    }
    return holder.host.serves(holder.podUid, port) ? 'answered' : 'refused';
  }

  /** Called whenever some connection may end differently from before. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** Something changes by itself after a while: a process that starts will serve. */
  changesAfter(delay: Micros): void {
    if (delay > 0 && delay < Number.POSITIVE_INFINITY) {
      this.#simulation.after(delay, () => this.changed());
    }
  }
}
