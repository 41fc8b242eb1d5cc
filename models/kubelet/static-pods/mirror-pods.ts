import { isStaticPod, keyOf, type Node, type Pod } from '../../api/index.js';
import type { ApiClient } from '../../client-go/index.js';
import { isMirrorOf, mirrorOf } from './decisions.js';

export interface MirrorPodsOptions {
  readonly api: ApiClient;
  /** The Node as registered; undefined before. */
  registeredNode(): Node | undefined;
}

/**
 * What the API shows of the node's static pods: made by the kubelet, for whoever looks; to delete one only makes it come again. As
 * mirrorClient and tryReconcileMirrorPods (k8s 1.37 pkg/kubelet/pod/mirror_client.go, kubelet.go).
 */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  /** By namespace and name, as the watch last showed them. */
  readonly #mirrors = new Map<string, Pod>();
  readonly #underWay = new Set<string>();

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  seen(mirror: Pod): void {
    this.#mirrors.set(keyOf(mirror), mirror);
  }

  gone(mirror: Pod): void {
    this.#mirrors.delete(keyOf(mirror));
  }

  all(): Iterable<Pod> {
    return this.#mirrors.values();
  }

  of(pod: Pod): Pod | undefined {
    return this.#mirrors.get(keyOf(pod));
  }

  /** A static pod that the API does not show as it is. */
  isMissing(pod: Pod): boolean {
    return isStaticPod(pod) && this.of(pod) === undefined;
  }

  /** Makes the mirror that is missing, in the place of one that is not this pod's or is being deleted. */
  reconcile(pod: Pod): void {
    const mirror = this.of(pod);
    if (mirror === undefined) {
      this.#create(pod);
    } else if (mirror.metadata.deletionTimestamp !== undefined || !isMirrorOf(mirror, pod)) {
      this.#delete(mirror, () => this.#create(pod));
    }
  }

  /** Nothing runs on the node that this mirror would show (deleteOrphanedMirrorPods). */
  removeOrphan(mirror: Pod): void {
    this.#delete(mirror, () => {});
  }

  #create(pod: Pod): void {
    const node = this.#options.registeredNode();
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) {
      return;
    }
    this.#once(keyOf(pod), (done) => this.#options.api.create('Pod', mirrorOf(pod, node), done));
  }

  #delete(mirror: Pod, then: () => void): void {
    const preconditions = { uid: mirror.metadata.uid as string };
    this.#once(keyOf(mirror), (done) =>
      this.#options.api.delete('Pod', keyOf(mirror), { gracePeriodSeconds: 0, preconditions }, () => {
        done();
        this.#mirrors.delete(keyOf(mirror));
        then();
      }),
    );
  }

  /** One request a mirror at a time: the pod's worker would wait for it. */
  #once(key: string, send: (done: () => void) => void): void {
    if (!this.#underWay.has(key)) {
      this.#underWay.add(key);
      send(() => this.#underWay.delete(key));
    }
  }
}
