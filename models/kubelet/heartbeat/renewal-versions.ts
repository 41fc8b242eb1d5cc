import type { Micros } from '../../../engine/index.js';
import type { Lease } from '../../api/index.js';
import type { ComputedVersions } from '../../client-go/index.js';

/** One renewal: which it is in the kubelet's life, and when its request leaves. */
export interface Renewal {
  readonly ordinal: number;
  readonly startsAt: Micros;
}

export interface RenewalRule {
  /** The first renewal that is computed. */
  readonly first: Renewal;
  /** From one renewal's start to the next one's. */
  readonly interval: (ordinal: number) => Micros;
  /** From a renewal's start to its write in the server. */
  readonly toServer: Micros;
  /** The kubelet's clock at a time. */
  readonly clock: (time: Micros) => Micros;
  readonly ceased: () => void;
}

/** How many renewals are kept at hand for those who ask for times a little back. */
const KEPT = 8;

/** The Lease of a kubelet that nothing disturbs: when each renewal starts follows from the one before, by drawn pauses. */
export class RenewalVersions implements ComputedVersions<Lease> {
  readonly #rule: RenewalRule;
  #recent: Renewal[];
  #frozenAt: Micros = Number.POSITIVE_INFINITY;
  #made: { readonly renewal: Renewal; readonly stored: Lease; readonly lease: Lease } | undefined;

  get first(): Renewal {
    return this.#rule.first;
  }

  constructor(rule: RenewalRule) {
    this.#rule = rule;
    this.#recent = [rule.first];
  }

  at(time: Micros, stored: Lease): Lease {
    const renewal = this.startedBy(Math.min(time, this.#frozenAt) - this.#rule.toServer);
    if (renewal === undefined) {
      return stored;
    }
    if (this.#made?.renewal !== renewal || this.#made.stored !== stored) {
      const renewTime = this.#rule.clock(renewal.startsAt);
      const isNews = renewTime > (stored.spec.renewTime ?? Number.NEGATIVE_INFINITY);
      const lease = isNews ? { ...stored, spec: { ...stored.spec, renewTime } } : stored;
      this.#made = { renewal, stored, lease };
    }
    return this.#made.lease;
  }

  /** No renewal after this time is computed any more; those before are still told. */
  freeze(time: Micros): void {
    this.#frozenAt = Math.min(this.#frozenAt, time);
  }

  ceased(): void {
    this.#rule.ceased();
  }

  /** The last renewal that starts at `time` or before; undefined when that is before the first one. */
  startedBy(time: Micros): Renewal | undefined {
    if (time < (this.#recent[0] as Renewal).startsAt) {
      this.#recent = [this.#rule.first];
    }
    for (let next = this.after(this.#last); next.startsAt <= time; next = this.after(next)) {
      this.#recent.push(next);
      if (this.#recent.length > KEPT) {
        this.#recent.shift();
      }
    }
    return this.#recent.findLast((renewal) => renewal.startsAt <= time);
  }

  after({ ordinal, startsAt }: Renewal): Renewal {
    return { ordinal: ordinal + 1, startsAt: startsAt + this.#rule.interval(ordinal + 1) };
  }

  get #last(): Renewal {
    return this.#recent[this.#recent.length - 1] as Renewal;
  }
}
