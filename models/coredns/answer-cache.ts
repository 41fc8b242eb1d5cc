import type { Micros } from '../../engine/index.js';
import type { DnsAnswer } from './decisions.js';

interface Kept {
  readonly answer: DnsAnswer;
  readonly until: Micros;
}

/** Somebody who asks for a name every so often, and has not found it. */
export interface Poller {
  readonly names: ReadonlySet<string>;
  readonly since: Micros;
  readonly every: Micros;
}

/** The first of a poller's looks that is not before an instant. */
export const nextLook = ({ since, every }: Pick<Poller, 'since' | 'every'>, at: Micros): Micros =>
  since + Math.max(0, Math.ceil((at - since) / every)) * every;

/**
 * Answers as plugin cache keeps them. Looks of pollers that can find nothing new do not happen; each would have kept the bad answer
 * for another while, so whoever asks next is first told what they left behind.
 */
export class AnswerCache {
  readonly #ttl: Micros;
  readonly #kept = new Map<string, Kept>();
  readonly #pollers = new Set<Poller>();

  constructor(ttl: Micros) {
    this.#ttl = ttl;
  }

  add(poller: Poller): void {
    this.#pollers.add(poller);
  }

  remove(poller: Poller): void {
    this.#pollers.delete(poller);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** What is kept of a name now, or what is found and kept from now on. */
  ask(name: string, now: Micros, find: () => DnsAnswer, isKept: boolean): Kept {
    this.#catchUp(name, now);
    let kept = this.#kept.get(name);
    if (kept === undefined || kept.until <= now) {
      kept = { answer: find(), until: now + this.#ttl };
      if (isKept) {
        this.#kept.set(name, kept);
      }
    }
    return kept;
  }

  #catchUp(name: string, now: Micros): void {
    const pollers = [...this.#pollers].filter(({ names }) => names.has(name));
    for (;;) {
      const kept = this.#kept.get(name);
      if (kept === undefined || kept.answer.rcode === 'NOERROR' || kept.until >= now) {
        return;
      }
      const asked = Math.min(...pollers.map((poller) => nextLook(poller, kept.until)));
      if (!(asked < now)) {
        return;
      }
      this.#kept.set(name, { answer: kept.answer, until: asked + this.#ttl });
    }
  }
}
