import { hasAffinity, type PodInfo } from '../../framework/pod-info.js';
import type { ClusterView } from '../../incremental/cluster-view.js';

/** How many pods on nodes have terms at all: mostly none, and then nothing is to be summed up. */
export class AffinityCensus {
  readonly #view: ClusterView;
  #readTo = -1;
  withTerms = 0;
  withRequiredAntiAffinity = 0;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** To be called before each use. */
  catchUp(): void {
    const { changes, slotCount } = this.#view;
    if (this.#readTo === changes.end) {
      return;
    }
    const isComplete =
      this.#readTo >= 0 && changes.readFrom(this.#readTo, (_, pod, sign) => pod && this.#count(pod, sign));
    if (!isComplete) {
      this.withTerms = 0;
      this.withRequiredAntiAffinity = 0;
      for (let slot = 0; slot < slotCount; slot++) {
        this.#view.nodeAt(slot)?.pods.forEach((pod) => this.#count(pod, 1));
      }
    }
    this.#readTo = changes.end;
  }

  #count(pod: PodInfo, sign: number): void {
    if (hasAffinity(pod)) {
      this.withTerms += sign;
      this.withRequiredAntiAffinity += pod.affinity.requiredAntiAffinity.length > 0 ? sign : 0;
    }
  }
}
