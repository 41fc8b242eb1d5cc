import type { Pod } from '../../api/index.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { Nominator } from '../framework/profile.js';

/** Pods that wait for room on a node promised to them. As nominator (pkg/scheduler/backend/queue/nominator.go). */
export class Nominations implements Nominator {
  readonly #byNode = new Map<string, PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();
  readonly #isStillWaiting: (pod: PodInfo) => boolean;

  /** `isStillWaiting`: the pod exists and has no node, as far as the informer knows. */
  constructor(isStillWaiting: (pod: PodInfo) => boolean) {
    this.#isStillWaiting = isStillWaiting;
  }

  get isEmpty(): boolean {
    return this.#byNode.size === 0;
  }

  nominatedPods(nodeName: string): readonly PodInfo[] {
    return this.#byNode.get(nodeName) ?? NO_PODS;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid);
  }

  /** @param nodeName overrides what the pod's status says */
  add(pod: PodInfo, nodeName?: string): void {
    this.delete(pod.uid);
    const node = nodeName ?? pod.pod.status?.nominatedNodeName;
    if (!node || !this.#isStillWaiting(pod)) {
      return;
    }
    this.#nodeOf.set(pod.uid, node);
    const pods = this.#byNode.get(node);
    if (pods === undefined) {
      this.#byNode.set(node, [pod]);
    } else {
      pods.push(pod);
    }
  }

  /**
   * A newer version of the pod. An update that says nothing of a nomination may have been written before the nomination, which then
   * stays. As UpdateNominatedPod.
   */
  update(before: Pod | undefined, after: PodInfo): void {
    const saysNothing = !before?.status?.nominatedNodeName && !after.pod.status?.nominatedNodeName;
    this.add(after, saysNothing ? this.#nodeOf.get(before?.metadata.uid ?? after.uid) : undefined);
  }

  delete(uid: string): void {
    const node = this.#nodeOf.get(uid);
    if (node === undefined) {
      return;
    }
    this.#nodeOf.delete(uid);
    const rest = (this.#byNode.get(node) ?? []).filter((pod) => pod.uid !== uid);
    if (rest.length === 0) {
      this.#byNode.delete(node);
    } else {
      this.#byNode.set(node, rest);
    }
  }
}

const NO_PODS: readonly PodInfo[] = [];
