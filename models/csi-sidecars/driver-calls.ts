import { draw, entityKey, type Simulation } from '../../engine/index.js';
import type { StorageSettings } from './config.js';

type Call = Exclude<keyof StorageSettings, 'volumeTopologyKey'>;

/** Calls of a driver: each takes what the storage system takes. */
export class DriverCalls {
  readonly #simulation: Simulation;
  readonly #settings: StorageSettings;
  readonly #calls = new Map<string, number>();
  #life = 0;

  constructor(simulation: Simulation, settings: StorageSettings) {
    this.#simulation = simulation;
    this.#settings = settings;
  }

  /** `subject` is what the call is about: the n-th of it draws the n-th value. */
  call(what: Call, subject: string, then: () => void): void {
    const life = this.#life;
    const n = this.#calls.get(`${what} ${subject}`) ?? 0;
    this.#calls.set(`${what} ${subject}`, n + 1);
    const delay = draw(this.#simulation.stream(what), entityKey(subject), n, this.#settings[what]);
    this.#simulation.after(Math.max(0, Math.round(delay)), () => {
      if (life === this.#life) {
        then();
      }
    });
  }

  /** Nothing more will be asked about it. */
  forget(subject: string): void {
    for (const what of ['volumeCreate', 'volumeDelete', 'volumeAttach', 'volumeDetach']) {
      this.#calls.delete(`${what} ${subject}`);
    }
  }

  /** The process that called dies: nobody hears the answers. */
  abandon(): void {
    this.#life++;
  }
}
