import type { Micros } from '../../../engine/time/micros.js';

export interface ImagePullSettings {
  /** 0 means no limit. */
  readonly registryPullQPS: number;
  readonly registryBurst: number;
  readonly serializeImagePulls: boolean;
  /** At most so many at a time when they are not serialized; undefined means any number. */
  readonly maxParallelImagePulls: number | undefined;
  readonly imageBackOffPeriod: Micros;
  readonly maxImageBackOff: Micros;
  /** [37] The event Pulled tells the image's size. */
  readonly pulledEventTellsSize: boolean;
  /** [37] ImagePullBackOff's message ends with the error of the last pull. */
  readonly waitingMessageTellsPullError: boolean;
  /** Gate: an image that is there must also be one that this pod may use. */
  readonly KubeletEnsureSecretPulledImages: boolean;
}

export type ImageDecision = 'pull' | 'use' | 'refuse';

/** What becomes of a wish for an image. As imagePullPrecheck (k8s 1.37 pkg/kubelet/images/image_manager.go). */
export function imageDecision(pullPolicy: string, isPresent: boolean): ImageDecision {
  if (pullPolicy === 'Always') {
    return 'pull';
  }
  if (isPresent) {
    return 'use';
  }
  return pullPolicy === 'Never' ? 'refuse' : 'pull';
}

interface Entry {
  readonly backOff: Micros;
  readonly since: Micros;
  /** "ErrImagePull: …" */
  readonly lastError: string;
}

/**
 * Back-off of image pulls by pod and image: counted from the last failure, doubled by each, forgotten after twice the longest.
 * As client-go util/flowcontrol.Backoff in the way the image manager uses it; a success does not end the series.
 */
export class ImageBackOff {
  readonly #settings: ImagePullSettings;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: ImagePullSettings) {
    this.#settings = settings;
  }

  /** The error of the last pull while the back-off lasts; undefined when a pull may be tried. */
  refusal(key: string, now: Micros): string | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && !this.#hasExpired(entry, now) && now - entry.since < entry.backOff
      ? entry.lastError
      : undefined;
  }

  recordFailure(key: string, lastError: string, now: Micros): void {
    const { imageBackOffPeriod, maxImageBackOff } = this.#settings;
    const entry = this.#entries.get(key);
    const isFirst = entry === undefined || this.#hasExpired(entry, now);
    const backOff = isFirst ? imageBackOffPeriod : Math.min(2 * entry.backOff, maxImageBackOff);
    this.#entries.set(key, { backOff, since: now, lastError });
  }

  collectGarbage(now: Micros): void {
    for (const [key, entry] of this.#entries) {
      if (this.#hasExpired(entry, now)) {
        this.#entries.delete(key);
      }
    }
  }

  #hasExpired(entry: Entry, now: Micros): boolean {
    return now - entry.since > 2 * this.#settings.maxImageBackOff;
  }
}
