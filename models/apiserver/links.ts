import type { Micros, Simulation } from '../../engine/index.js';
import type { Party } from '../api/index.js';
import type { Network } from '../world/index.js';

/** What is told of the way between a party and the server. */
export interface LinkListener {
  /** The way is open again after having been cut since `cutAt`. */
  healed(cutAt: Micros): void;
}

const SERVER: Party = 'control-plane';

/** Since when each party is cut off from the server, and who wants to hear of it. */
export class Links {
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #cutAt = new Map<Party, Micros>();
  /** Since when nobody reaches the server at all. */
  #failedAt: Micros | undefined;
  readonly #listeners = new Map<Party, Set<LinkListener>>();
  readonly #onChanges = new Map<Party, (() => void)[]>();

  constructor(simulation: Simulation, network: Network) {
    this.#simulation = simulation;
    this.#network = network;
    network.onChange((a, b) => {
      if (a === SERVER && b === SERVER) {
        this.#tellAll();
      } else if (a === SERVER || b === SERVER) {
        this.#tell(a === SERVER ? b : a);
      }
    });
  }

  /** When the party lost the server; undefined while it reaches it. */
  cutAt(party: Party): Micros | undefined {
    return this.#cutAt.size === 0 ? this.#failedAt : (this.#cutAt.get(party) ?? this.#failedAt);
  }

  listen(party: Party, listener: LinkListener): void {
    const listeners = this.#listeners.get(party) ?? new Set();
    this.#listeners.set(party, listeners.add(listener));
  }

  unlisten(party: Party, listener: LinkListener): void {
    this.#listeners.get(party)?.delete(listener);
  }

  onChange(party: Party, listener: () => void): void {
    const listeners = this.#onChanges.get(party) ?? [];
    listeners.push(listener);
    this.#onChanges.set(party, listeners);
  }

  /** The server itself failed, or is back. */
  #tellAll(): void {
    const parties = new Set([...this.#listeners.keys(), ...this.#onChanges.keys(), ...this.#cutAt.keys()]);
    if (this.#network.reaches(SERVER, SERVER)) {
      for (const party of parties) {
        this.#cutAt.set(party, this.#cutAt.get(party) ?? (this.#failedAt as Micros));
      }
      this.#failedAt = undefined;
    } else {
      this.#failedAt = this.#simulation.now;
    }
    for (const party of [...parties].sort()) {
      this.#tell(party);
    }
  }

  #tell(party: Party): void {
    const cutAt = this.#cutAt.get(party);
    if (!this.#network.reaches(party, SERVER)) {
      this.#cutAt.set(party, cutAt ?? this.#simulation.now);
    } else if (cutAt !== undefined) {
      this.#cutAt.delete(party);
      for (const listener of [...(this.#listeners.get(party) ?? [])]) {
        listener.healed(cutAt);
      }
    }
    for (const listener of this.#onChanges.get(party) ?? []) {
      listener();
    }
  }
}
