import type { Micros } from '../../../engine/index.js';
import type { Lease } from '../../api/index.js';
import type { ComputedVersion, ComputedVersions } from '../../client-go/index.js';
import { Foretold } from './foretold.js';

/** One renewal: which it is in the kubelet's life, and when its request leaves. */
export interface Renewal {
  readonly ordinal: number;
  readonly startsAt: Micros;
}

type RenewalVersion = Renewal & ComputedVersion;

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

/** The Lease of a kubelet that nothing disturbs: when each renewal starts follows from the one before, by drawn pauses. */
export class RenewalVersions implements ComputedVersions<Lease> {
  readonly #rule: RenewalRule;
  readonly #renewals: Foretold<RenewalVersion>;
  #made: { readonly version: RenewalVersion; readonly stored: Lease; readonly lease: Lease } | undefined;

  constructor(rule: RenewalRule) {
    this.#rule = rule;
    this.#renewals = new Foretold(this.#version(rule.first), (version) => this.#version(this.after(version)));
  }

  get first(): Renewal {
    return this.#rule.first;
  }

  at(time: Micros, stored: Lease): Lease {
    const version = this.#renewals.at(time);
    if (version === undefined) {
      return stored;
    }
    if (this.#made?.version !== version || this.#made.stored !== stored) {
      const isNews = version.stamp > (stored.spec.renewTime ?? Number.NEGATIVE_INFINITY);
      const lease = isNews ? { ...stored, spec: { ...stored.spec, renewTime: version.stamp } } : stored;
      this.#made = { version, stored, lease };
    }
    return this.#made.lease;
  }

  versionAt(time: Micros): ComputedVersion | undefined {
    return this.#renewals.at(time);
  }

  ceased(): void {
    this.#rule.ceased();
  }

  /** No renewal that arrives after this time is told any more; those before still are. */
  freeze(time: Micros): void {
    this.#renewals.freeze(time);
  }

  /** The last renewal that starts at `time` or before; undefined when that is before the first one. */
  startedBy(time: Micros): Renewal | undefined {
    return this.#renewals.sentBy(time, startOf);
  }

  after({ ordinal, startsAt }: Renewal): Renewal {
    return { ordinal: ordinal + 1, startsAt: startsAt + this.#rule.interval(ordinal + 1) };
  }

  #version({ ordinal, startsAt }: Renewal): RenewalVersion {
    const { toServer, clock } = this.#rule;
    return { ordinal, startsAt, since: startsAt + toServer, stamp: clock(startsAt) };
  }
}

const startOf = ({ startsAt }: Renewal): Micros => startsAt;
