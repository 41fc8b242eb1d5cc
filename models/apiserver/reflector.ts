import { draw, type EntityKey, type EventHandle, entityKey, type Micros, type ObjectKey } from '../../engine/index.js';
import type { Kind, KubeObject, Party } from '../api/index.js';
import { type FieldSelector, InformerCache } from '../client-go/index.js';
import type { LinkListener } from './links.js';
import { resumptionAfter } from './reconnection.js';
import type { WatchHost } from './watch-hub.js';

/** What a watch tells: the list it begins with, a version, or an end. */
export type WatchEvent =
  | { readonly type: 'listed'; readonly objects: readonly KubeObject[] }
  | { readonly type: 'stored'; readonly key: ObjectKey; readonly object: KubeObject }
  | { readonly type: 'removed'; readonly key: ObjectKey; readonly object: KubeObject };

/** One watch event on its way to one reflector. */
export class Delivery {
  due: Micros = 0;
  turn = 0;
  /** Deliveries come in the order of the writes. */
  readonly sentAt = 0;
  readonly from = '';

  constructor(
    readonly reflector: Reflector,
    readonly connection: number,
    readonly event: WatchEvent,
  ) {}
}

/**
 * The client's end of a watch: lists, then follows, and feeds its cache. Events arrive in the order of the writes even where each
 * takes its own time. k8s.io/client-go tools/cache/reflector.go.
 */
export class Reflector implements LinkListener {
  readonly kind: Kind;
  readonly selector: FieldSelector;
  readonly cache: InformerCache<KubeObject>;
  readonly #host: WatchHost;
  readonly #from: Party;
  readonly #key: EntityKey;
  readonly #onSynced: () => void;
  /** Counts connections: what was sent over an earlier one is not delivered. Even: none is open. */
  #connection = 0;
  #isRunning = false;
  #sent = 0;
  #lists = 0;
  #lastDue: Micros = 0;
  /** Events that the network swallowed; they arrive when TCP sends them again, unless the connection is given up. */
  #held: WatchEvent[] = [];
  #firstLossAt: Micros | undefined;
  #resuming: EventHandle | undefined;

  constructor(
    host: WatchHost,
    owner: { readonly name: string; readonly from: Party },
    kind: Kind,
    selector: FieldSelector,
    onSynced: () => void,
  ) {
    this.#host = host;
    this.kind = kind;
    this.selector = selector;
    this.#from = owner.from;
    this.#key = entityKey(`${owner.from}/${owner.name}/${kind}`);
    this.#onSynced = onSynced;
    const { computed } = host.registry;
    this.cache = new InformerCache((key, object) =>
      computed.hasAny(kind) ? computed.asOf(kind, key, object, this.#seenUntil()) : object,
    );
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    this.#host.links.listen(this.#from, this);
    const cutAt = this.#host.links.cutAt(this.#from);
    if (cutAt === undefined) {
      this.#list();
    }
  }

  /** The process dies. */
  stop(): void {
    this.#isRunning = false;
    this.#host.links.unlisten(this.#from, this);
    this.#disconnect();
    this.cache.clear();
  }

  /** The server sends an event; called inside the write. */
  send(event: WatchEvent): void {
    const latency = draw(this.#host.latencies, this.#key, this.#sent++, this.#host.delivery);
    this.#lastDue = Math.max(this.#lastDue, this.#host.simulation.now + Math.max(0, Math.round(latency)));
    this.#host.deliveries.push(new Delivery(this, this.#connection, event), this.#lastDue);
  }

  /** An event reaches the client, or would. */
  arrive({ connection, event, due }: Delivery): void {
    if (connection !== this.#connection) {
      return;
    }
    if (this.#firstLossAt !== undefined || this.#host.links.cutAt(this.#from) !== undefined) {
      this.#firstLossAt ??= due;
      this.#held.push(event);
      return;
    }
    this.#tell(event);
  }

  healed(cutAt: Micros): void {
    const { simulation, reconnection, jitters } = this.#host;
    const cut = { from: cutAt, healedAt: simulation.now, firstLossAt: this.#firstLossAt };
    const resumption = resumptionAfter(cut, reconnection, (n) => jitters.uniform(this.#key, this.#lists * 1000 + n));
    if (resumption.mustList || this.#connection % 2 === 0) {
      this.#disconnect();
      this.#resumeAt(resumption.at, () => this.#list());
    } else {
      this.#resumeAt(resumption.at, () => this.#catchUp());
    }
  }

  #resumeAt(at: Micros, action: () => void): void {
    this.#resuming?.cancel();
    this.#resuming = this.#host.simulation.after(at - this.#host.simulation.now, () => {
      if (this.#host.links.cutAt(this.#from) === undefined) {
        action();
      }
    });
  }

  /** Asks for the list; the watch begins with the version of the list. */
  #list(): void {
    const { simulation, registry, hub, call, latencies } = this.#host;
    this.#connection++;
    const connection = this.#connection;
    const latency = Math.max(0, Math.round(draw(latencies, this.#key, this.#sent++, call)));
    this.#lists++;
    simulation.after(Math.floor(latency / 2), () => {
      if (connection !== this.#connection) {
        return;
      }
      if (this.#host.links.cutAt(this.#from) !== undefined) {
        this.#disconnect();
        return;
      }
      hub.add(this);
      const objects = registry.listSorted(this.kind, (object) => isSelected(object, this.selector));
      this.#lastDue = simulation.now + latency - Math.floor(latency / 2);
      this.#host.deliveries.push(new Delivery(this, connection, { type: 'listed', objects }), this.#lastDue);
    });
  }

  #catchUp(): void {
    const held = this.#held;
    this.#held = [];
    this.#firstLossAt = undefined;
    for (const event of held) {
      this.#tell(event);
    }
  }

  #disconnect(): void {
    if (this.#connection % 2 === 1) {
      this.#connection++;
      this.#host.hub.remove(this);
    }
    this.#resuming?.cancel();
    this.#held = [];
    this.#firstLossAt = undefined;
  }

  #tell(event: WatchEvent): void {
    switch (event.type) {
      case 'listed':
        this.cache.replace(event.objects);
        this.#onSynced();
        return;
      case 'stored':
        this.cache.store(event.key, event.object);
        return;
      case 'removed':
        this.cache.remove(event.key, event.object);
    }
  }

  /** The instant of the server up to which this client has heard everything. */
  #seenUntil(): Micros {
    const { simulation, delivery, links } = this.#host;
    const now = links.cutAt(this.#from) ?? simulation.now;
    return now - (delivery.kind === 'constant' ? delivery.value : 0);
  }
}

/** Whether the server sends this object to a watch with that selector. */
export const isSelected = (object: KubeObject, { nodeName, name }: FieldSelector): boolean =>
  (name === undefined || object.metadata.name === name) &&
  (nodeName === undefined || (object.kind === 'Pod' && object.spec.nodeName === nodeName));
