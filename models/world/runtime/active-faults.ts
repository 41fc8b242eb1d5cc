import type { Micros, ObjectKey } from '../../../engine/index.js';
import type { ProbeKind, UsageCurve } from '../behaviour.js';

/** A leak as the lever set it. */
export interface Leak {
  readonly curve: UsageCurve;
  readonly since: Micros;
}

/** The levers that are pulled on one machine's containers. Every method that pulls one answers how to heal it. */
export class ActiveFaults {
  readonly #failingProbes = new Map<string, number>();
  readonly #leaks = new Map<string, Set<Leak>>();
  #hangs = 0;
  #networkBreaks = 0;

  get isHanging(): boolean {
    return this.#hangs > 0;
  }

  get isNetworkBroken(): boolean {
    return this.#networkBreaks > 0;
  }

  isProbeFailing(pod: ObjectKey, container: string, probe: ProbeKind): boolean {
    return this.#failingProbes.size > 0 && this.#failingProbes.has(`${pod}/${container}/${probe}`);
  }

  failProbe(pod: ObjectKey, container: string, probe: ProbeKind, onChange: () => void): () => void {
    const key = `${pod}/${container}/${probe}`;
    this.#failingProbes.set(key, (this.#failingProbes.get(key) ?? 0) + 1);
    onChange();
    return once(() => {
      const left = (this.#failingProbes.get(key) ?? 1) - 1;
      if (left > 0) {
        this.#failingProbes.set(key, left);
      } else {
        this.#failingProbes.delete(key);
      }
      onChange();
    });
  }

  leaksOf(pod: ObjectKey, container: string): readonly Leak[] {
    return [...(this.#leaks.get(`${pod}/${container}`) ?? [])];
  }

  leak(pod: ObjectKey, container: string, leak: Leak, onChange: () => void): () => void {
    const key = `${pod}/${container}`;
    const leaks = this.#leaks.get(key) ?? new Set();
    this.#leaks.set(key, leaks.add(leak));
    onChange();
    return once(() => {
      leaks.delete(leak);
      if (leaks.size === 0) {
        this.#leaks.delete(key);
      }
      onChange();
    });
  }

  hang(onHealed: () => void): () => void {
    this.#hangs++;
    return once(() => {
      this.#hangs--;
      if (this.#hangs === 0) {
        onHealed();
      }
    });
  }

  breakNetworkPlugin(onChange: () => void): () => void {
    this.#networkBreaks++;
    onChange();
    return once(() => {
      this.#networkBreaks--;
      onChange();
    });
  }
}

function once(heal: () => void): () => void {
  let isHealed = false;
  return () => {
    if (!isHealed) {
      isHealed = true;
      heal();
    }
  };
}
