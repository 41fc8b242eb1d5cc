import type { Distribution, RandomStream, Simulation, Watcher } from '../../engine/index.js';
import type { Kind, KubeObject } from '../api/index.js';
import type { DueQueue } from './due-queue.js';
import type { Links } from './links.js';
import type { ReconnectionSettings } from './reconnection.js';
import { type Delivery, isSelected, type Reflector, type WatchEvent } from './reflector.js';
import type { Registry } from './registry.js';

/** What all watches of a server share. */
export interface WatchHost {
  readonly simulation: Simulation;
  readonly registry: Registry;
  readonly links: Links;
  readonly hub: WatchHub;
  readonly call: Distribution;
  readonly delivery: Distribution;
  readonly latencies: RandomStream;
  readonly jitters: RandomStream;
  readonly reconnection: ReconnectionSettings;
  readonly deliveries: DueQueue<Delivery>;
}

/** The open watches of one kind, found by what they select: a write looks only at those it concerns. */
interface KindWatches {
  readonly all: Set<Reflector>;
  readonly byNode: Map<string, Set<Reflector>>;
  readonly byName: Map<string, Set<Reflector>>;
}

type WriteEvent = Exclude<WatchEvent, { readonly type: 'listed' }>;

const NONE: ReadonlySet<Reflector> = new Set();

/** The server's end of all watches: sends every write to the reflectors that selected its object. */
export class WatchHub {
  readonly #registry: Registry;
  readonly #kinds = new Map<Kind, KindWatches>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  add(reflector: Reflector): void {
    setFor(this.#watchesOf(reflector.kind), reflector).add(reflector);
  }

  remove(reflector: Reflector): void {
    setFor(this.#watchesOf(reflector.kind), reflector).delete(reflector);
  }

  #watchesOf(kind: Kind): KindWatches {
    let watches = this.#kinds.get(kind);
    if (watches === undefined) {
      watches = { all: new Set(), byNode: new Map(), byName: new Map() };
      this.#kinds.set(kind, watches);
      this.#registry.store.watch(kind, sender(watches));
    }
    return watches;
  }
}

function setFor(watches: KindWatches, { selector }: Reflector): Set<Reflector> {
  if (selector.nodeName !== undefined) {
    return getOrAdd(watches.byNode, selector.nodeName);
  }
  return selector.name === undefined ? watches.all : getOrAdd(watches.byName, selector.name);
}

function getOrAdd(sets: Map<string, Set<Reflector>>, term: string): Set<Reflector> {
  let set = sets.get(term);
  if (set === undefined) {
    set = new Set();
    sets.set(term, set);
  }
  return set;
}

function sender(watches: KindWatches): Watcher<KubeObject> {
  const send = (event: WriteEvent, before?: KubeObject): void => {
    const { object } = event;
    for (const reflector of watches.all) {
      reflector.send(event);
    }
    if (watches.byName.size > 0) {
      sendSelected(watches.byName.get(object.metadata.name), event, object);
    }
    if (watches.byNode.size > 0 && object.kind === 'Pod') {
      const node = object.spec.nodeName ?? '';
      sendSelected(watches.byNode.get(node), event, object);
      if (before?.kind === 'Pod' && (before.spec.nodeName ?? '') !== node) {
        sendSelected(
          watches.byNode.get(before.spec.nodeName ?? ''),
          { type: 'removed', key: event.key, object },
          before,
        );
      }
    }
  };
  return {
    added: (object, key) => send({ type: 'stored', key, object }),
    modified: (object, before, key) => send({ type: 'stored', key, object }, before),
    deleted: (object, key) => send({ type: 'removed', key, object }),
  };
}

function sendSelected(reflectors: ReadonlySet<Reflector> = NONE, event: WatchEvent, object: KubeObject): void {
  for (const reflector of reflectors) {
    if (isSelected(object, reflector.selector)) {
      reflector.send(event);
    }
  }
}
