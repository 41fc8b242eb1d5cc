import type { Micros } from '../../../engine/index.js';
import type { RuntimePod } from '../../world/index.js';

/** What the kubelet believes the runtime holds of a pod: as it was at the last relist that saw a change. */
export interface CachedPod {
  /** Undefined: nothing. */
  readonly pod: RuntimePod | undefined;
  /** Of the newest sandbox; kept after it stopped, until a new one is ready. */
  readonly ips: readonly string[];
}

const NOTHING: CachedPod = { pod: undefined, ips: [] };

interface Entry extends CachedPod {
  readonly modifiedAt: Micros;
  observedAt: Micros;
}

interface Waiter {
  readonly newerThan: Micros;
  readonly then: (cached: CachedPod) => void;
}

/** As the kubelet's runtime cache (k8s 1.37 pkg/kubelet/container/cache.go). */
export class RuntimeCache {
  readonly #entries = new Map<string, Entry>();
  readonly #waiters = new Map<string, Waiter[]>();

  get(uid: string): CachedPod {
    return this.#entries.get(uid) ?? NOTHING;
  }

  /** Every pod the runtime holds something of. */
  uids(): Iterable<string> {
    return this.#entries.keys();
  }

  /** What is known if it was learned after `time`; `listedAt` is when all pods were last listed. */
  getNewerThan(uid: string, time: Micros, listedAt: Micros): CachedPod | undefined {
    const entry = this.#entries.get(uid);
    const isNewer = listedAt > time || (entry !== undefined && (entry.modifiedAt > time || entry.observedAt > time));
    return isNewer ? (entry ?? NOTHING) : undefined;
  }

  /** Calls back at the first entry or list that is newer than `time`. */
  subscribe(uid: string, newerThan: Micros, then: (cached: CachedPod) => void): void {
    const waiters = this.#waiters.get(uid);
    if (waiters === undefined) {
      this.#waiters.set(uid, [{ newerThan, then }]);
    } else {
      waiters.push({ newerThan, then });
    }
  }

  set(uid: string, pod: RuntimePod | undefined, at: Micros): void {
    if (pod === undefined) {
      this.#entries.delete(uid);
      return;
    }
    const before = this.#entries.get(uid);
    this.#entries.set(uid, { pod, ips: ipsOf(pod, before?.ips ?? []), modifiedAt: at, observedAt: at });
    this.#notify(uid, at);
  }

  /** The pod was looked at and had not changed. */
  setObserved(uid: string, at: Micros): void {
    const entry = this.#entries.get(uid);
    if (entry !== undefined) {
      entry.observedAt = at;
    }
    this.#notify(uid, at);
  }

  /** All pods were listed; who waits is told in the order of uids. */
  setListed(at: Micros): void {
    for (const uid of [...this.#waiters.keys()].sort()) {
      this.#notify(uid, at);
    }
  }

  #notify(uid: string, at: Micros): void {
    const waiters = this.#waiters.get(uid);
    if (waiters === undefined) {
      return;
    }
    const left = waiters.filter(({ newerThan }) => at <= newerThan);
    if (left.length === 0) {
      this.#waiters.delete(uid);
    } else {
      this.#waiters.set(uid, left);
    }
    for (const { newerThan, then } of waiters) {
      if (at > newerThan) {
        then(this.get(uid));
      }
    }
  }
}

/** As getPodIPs (k8s 1.37 pkg/kubelet/pleg/generic.go). */
function ipsOf({ sandboxes }: RuntimePod, before: readonly string[]): readonly string[] {
  const newest = sandboxes[0];
  if (newest?.isReady && newest.ip !== undefined) {
    return before[0] === newest.ip ? before : [newest.ip, ...newest.additionalIps];
  }
  return sandboxes.some(({ isReady }) => isReady) ? [] : before;
}
