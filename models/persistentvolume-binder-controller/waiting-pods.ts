import type { ObjectKey } from '../../engine/index.js';
import { claimKeysOf, isPodTerminal, keyOf, type Pod } from '../api/index.js';

/** Which pods that have no node yet use which claims. As findNonScheduledPodsByPVC. */
export class WaitingPods {
  readonly #byClaim = new Map<ObjectKey, Map<ObjectKey, string>>();

  put(pod: Pod): void {
    for (const claim of claimKeysOf(pod)) {
      const pods = this.#byClaim.get(claim) ?? new Map<ObjectKey, string>();
      if (pod.spec.nodeName || isPodTerminal(pod)) {
        pods.delete(keyOf(pod));
      } else {
        pods.set(keyOf(pod), pod.metadata.name);
      }
      if (pods.size > 0) {
        this.#byClaim.set(claim, pods);
      } else {
        this.#byClaim.delete(claim);
      }
    }
  }

  drop(pod: Pod): void {
    for (const claim of claimKeysOf(pod)) {
      const pods = this.#byClaim.get(claim);
      pods?.delete(keyOf(pod));
      if (pods?.size === 0) {
        this.#byClaim.delete(claim);
      }
    }
  }

  of(claim: ObjectKey): readonly string[] {
    return [...(this.#byClaim.get(claim)?.values() ?? [])].sort();
  }

  clear(): void {
    this.#byClaim.clear();
  }
}
