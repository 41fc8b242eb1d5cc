import type { Kinds } from '../api/index.js';
import type { Informer, InformerFactory } from '../client-go/index.js';
import { LISTED_KINDS, type ListedKind, type Listers } from './framework/listers.js';

/** The kinds that plugins look up, from the informers of the process. */
export class InformerListers implements Listers {
  readonly #informers = new Map<ListedKind, Informer<Kinds[ListedKind]>>();

  constructor(factory: InformerFactory) {
    for (const kind of LISTED_KINDS) {
      this.#informers.set(kind, factory.informer(kind) as Informer<Kinds[ListedKind]>);
    }
  }

  get<K extends ListedKind>(kind: K, key: string): Kinds[K] | undefined {
    return this.of(kind).get(key);
  }

  list<K extends ListedKind>(kind: K): Iterable<Kinds[K]> {
    return this.of(kind).list();
  }

  inNamespace<K extends ListedKind>(kind: K, namespace: string): Iterable<Kinds[K]> {
    return this.of(kind).byIndex('namespace', namespace);
  }

  of<K extends ListedKind>(kind: K): Informer<Kinds[K]> {
    return this.#informers.get(kind) as unknown as Informer<Kinds[K]>;
  }
}
