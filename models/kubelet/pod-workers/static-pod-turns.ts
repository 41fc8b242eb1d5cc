/**
 * Static pods of one name run one after the other: the next starts when its predecessor is finished, in the order in which they came.
 * As startedStaticPodsByFullname and its neighbours (k8s 1.37 pkg/kubelet/pod_workers.go allowStaticPodStart).
 */
export class StaticPodTurns {
  /** Uids by namespace and name. */
  readonly #started = new Map<string, string>();
  readonly #waiting = new Map<string, readonly string[]>();

  waits(key: string, uid: string): void {
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), uid]);
  }

  /** Whether this one may start now, which it then has; `isPast` tells of another that it never will. */
  start(key: string, uid: string, isPast: (uid: string) => boolean): boolean {
    const started = this.#started.get(key);
    if (started !== undefined) {
      return started === uid;
    }
    const waiting = (this.#waiting.get(key) ?? []).filter((other) => other === uid || !isPast(other));
    const isNext = waiting[0] === uid || waiting.length === 0;
    this.#waiting.set(key, isNext ? waiting.slice(1) : waiting);
    if (isNext) {
      this.#started.set(key, uid);
    }
    return isNext;
  }

  finished(key: string, uid: string): void {
    if (this.#started.get(key) === uid) {
      this.#started.delete(key);
    }
  }
}
