import type { ObjectKey } from '../../engine/index.js';
import { claimKeysOf, keyOf, type Pod } from '../api/index.js';

/** Which of certain pods use which claims; fed by an informer's handlers. As the index PodPVCIndex (pkg/controller/volume/common). */
export class ClaimUsers {
  readonly #isCounted: (pod: Pod) => boolean;
  readonly #byClaim = new Map<ObjectKey, Map<ObjectKey, Pod>>();

  constructor(isCounted: (pod: Pod) => boolean) {
    this.#isCounted = isCounted;
  }

  put(pod: Pod): void {
    const isCounted = this.#isCounted(pod);
    for (const claim of claimKeysOf(pod)) {
      if (!isCounted) {
        this.#remove(claim, pod);
      } else if (this.#byClaim.get(claim)?.set(keyOf(pod), pod) === undefined) {
        this.#byClaim.set(claim, new Map([[keyOf(pod), pod]]));
      }
    }
  }

  drop(pod: Pod): void {
    for (const claim of claimKeysOf(pod)) {
      this.#remove(claim, pod);
    }
  }

  /** In order of key. */
  of(claim: ObjectKey): readonly Pod[] {
    return [...(this.#byClaim.get(claim)?.values() ?? [])].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** The process dies. */
  clear(): void {
    this.#byClaim.clear();
  }

  #remove(claim: ObjectKey, pod: Pod): void {
    const pods = this.#byClaim.get(claim);
    pods?.delete(keyOf(pod));
    if (pods?.size === 0) {
      this.#byClaim.delete(claim);
    }
  }
}
