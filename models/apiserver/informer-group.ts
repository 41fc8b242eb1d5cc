import type { Kind, Kinds, Party } from '../api/index.js';
import type { FieldSelector, Informer, InformerFactory } from '../client-go/index.js';
import { Reflector } from './reflector.js';
import type { WatchHost } from './watch-hub.js';

/** The informers of one process. */
export class InformerGroup implements InformerFactory {
  readonly #host: WatchHost;
  readonly #process: { readonly name: string; readonly from: Party };
  readonly #reflectors = new Map<string, Reflector>();
  #waiting: (() => void)[] = [];
  #isRunning = false;

  constructor(host: WatchHost, process: { readonly name: string; readonly from: Party }) {
    this.#host = host;
    this.#process = process;
  }

  informer<K extends Kind>(kind: K, selector: FieldSelector = {}): Informer<Kinds[K]> {
    const key = `${kind}/${selector.nodeName ?? ''}/${selector.name ?? ''}`;
    let reflector = this.#reflectors.get(key);
    if (reflector === undefined) {
      reflector = new Reflector(this.#host, this.#process, kind, selector, () => this.#tellSynced());
      this.#reflectors.set(key, reflector);
      if (this.#isRunning) {
        reflector.start();
      }
    }
    return reflector.cache as unknown as Informer<Kinds[K]>;
  }

  start(): void {
    this.#isRunning = true;
    for (const reflector of this.#reflectors.values()) {
      reflector.start();
    }
    this.#tellSynced();
  }

  stop(): void {
    this.#isRunning = false;
    this.#waiting = [];
    for (const reflector of this.#reflectors.values()) {
      reflector.stop();
    }
  }

  whenSynced(then: () => void): void {
    this.#waiting.push(then);
    this.#tellSynced();
  }

  #tellSynced(): void {
    if (!this.#isRunning || this.#waiting.length === 0) {
      return;
    }
    for (const reflector of this.#reflectors.values()) {
      if (!reflector.cache.hasSynced) {
        return;
      }
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) {
      then();
    }
  }
}
