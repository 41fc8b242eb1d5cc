import { formatDuration } from '../../../engine/time/duration.js';
import type { Micros } from '../../../engine/time/micros.js';
import type { Container, Pod } from '../../api/index.js';

export interface RestartBackoffSettings {
  /** Delay before the second restart; the first is never delayed. */
  readonly initial: Micros;
  /** Cap of the doubling. */
  readonly maximum: Micros;
  /** A container that exits more than this after its last restart begins anew. */
  readonly resetAfter: Micros;
  /** The series belongs to the whole container spec ([23]) or only to its image and resources. */
  readonly keyCoversWholeContainer: boolean;
}

/** Why a container may not start now. */
export interface BackoffRefusal {
  /** Back-off in force, counted from the exit. */
  readonly backoff: Micros;
  /** Exit + back-off: when the pod worker should try again. */
  readonly until: Micros;
}

interface Entry {
  readonly backoff: Micros;
  /** When the last restart was allowed. */
  readonly lastUpdate: Micros;
}

/**
 * The kubelet's memory of crashing containers (CrashLoopBackOff), lost when the kubelet restarts. As client-go's
 * util/flowcontrol.Backoff with the kubelet's HasExpiredFunc, driven as kuberuntime doBackOff drives it.
 */
export class RestartBackoff {
  readonly #settings: RestartBackoffSettings;
  /** In order of lastUpdate, so that the oldest is collected first. */
  readonly #entries = new Map<string, Entry>();

  constructor(settings: RestartBackoffSettings) {
    this.#settings = settings;
  }

  /**
   * Asks to start a container whose newest exited instance finished at `finishedAt`; do not ask for one that never
   * exited (k8s 1.37 doBackOff). A refusal changes nothing; a permission is recorded as a restart.
   */
  tryRestart(key: string, finishedAt: Micros, now: Micros): BackoffRefusal | undefined {
    const { initial, maximum } = this.#settings;
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#hasExpired(entry, finishedAt)) {
      this.#record(key, initial, now);
      return undefined;
    }
    if (now - finishedAt < entry.backoff) {
      return { backoff: entry.backoff, until: finishedAt + entry.backoff };
    }
    this.#record(key, Math.min(2 * entry.backoff, maximum), now);
    return undefined;
  }

  /** Back-off that the next exit will meet unless it expires; 0 for a container that never restarted. */
  backoffOf(key: string): Micros {
    return this.#entries.get(key)?.backoff ?? 0;
  }

  /**
   * Forgets what has expired by a housekeeping pass. Running only the latest pass before a question gives the same
   * answers as running every pass, because entries change only in `tryRestart`: passes need no events of their own.
   */
  collectGarbage(housekeepingAt: Micros): void {
    for (const [key, entry] of this.#entries) {
      if (!this.#hasExpired(entry, housekeepingAt)) {
        return;
      }
      this.#entries.delete(key);
    }
  }

  /**
   * Strictly after this instant the entry may be collected: a wait that ends later is cut short. Infinity without one.
   */
  expiresAfter(key: string): Micros {
    const entry = this.#entries.get(key);
    return entry === undefined ? Number.POSITIVE_INFINITY : entry.lastUpdate + this.#settings.resetAfter;
  }

  /** Strict: exactly `resetAfter` is not yet expired. */
  #hasExpired(entry: Entry, at: Micros): boolean {
    return at - entry.lastUpdate > this.#settings.resetAfter;
  }

  #record(key: string, backoff: Micros, now: Micros): void {
    this.#entries.delete(key);
    this.#entries.set(key, { backoff, lastUpdate: now });
  }
}

/**
 * What a series of back-offs belongs to: a change in any part begins a new one. As GetBackoffKey (k8s 1.37
 * pkg/kubelet/kuberuntime/helpers.go) and getStableKey with HashContainer (1.23).
 */
export function backoffKey(pod: Pod, container: Container, settings: RestartBackoffSettings): string {
  const { name, namespace, uid } = pod.metadata;
  const changing = settings.keyCoversWholeContainer
    ? JSON.stringify(container)
    : `${container.image ?? ''}/${JSON.stringify(container.resources ?? {})}`;
  return `${name}/${namespace ?? ''}/${uid ?? ''}/${container.name}/${changing}`;
}

/** Message of the waiting state CrashLoopBackOff. */
export function backoffMessage(pod: Pod, container: string, backoff: Micros): string {
  const { name, namespace, uid } = pod.metadata;
  const fullName = `${name}_${namespace ?? ''}(${uid ?? ''})`;
  return `back-off ${formatDuration(backoff)} restarting failed container=${container} pod=${fullName}`;
}
