import type { Micros, ObjectKey } from '../../engine/index.js';

/** Something out there that a process needs. */
export type Need =
  /** A name that DNS knows, as it is asked for in its pod: "myservice", "db.shop". */
  | { readonly resolves: string }
  /** A name or address and a TCP port at which somebody answers: "db:5432". */
  | { readonly reaches: string };

/** Where a process looks from. */
export interface Onlooker {
  readonly pod: ObjectKey;
  readonly node: string;
}

/** What processes find when they look around; given by whoever joins the cluster. */
export interface Surroundings {
  /**
   * One look, now. A client tries all it is offered: one endpoint that answers is enough. Who only watches the run looks
   * `unnoticed`: it leaves nothing in caches.
   */
  isMet(from: Onlooker, need: Need, unnoticed?: 'unnoticed'): boolean;
  /** Whether somebody outside gets an answer for a URL, "shop.example.org/cart", through an Ingress. */
  serves(url: string): boolean;
  /** Calls whenever `isMet` or `serves` may answer otherwise than before. Answers how to stop. */
  onChange(listener: () => void): () => void;
  /** A process looks now, and again every so often until it finds what it needs: then calls, once. Answers how to stop. */
  waitFor(from: Onlooker, need: Need, every: Micros, then: () => void): () => void;
}
