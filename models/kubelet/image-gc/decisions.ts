import type { Micros } from '../../../engine/time/micros.js';

export interface ImageGCSettings {
  /** Percent of the image disk in use at which images are removed, and at which that ends. */
  readonly imageGCHighThresholdPercent: number;
  readonly imageGCLowThresholdPercent: number;
  /** An image younger than this is left alone: somebody may be about to use it. */
  readonly imageMinimumGCAge: Micros;
  /** An image unused for longer goes whether or not the disk is full; 0: it does not. */
  readonly imageMaximumGCAge: Micros;
  readonly imageGCPeriod: Micros;
  readonly imageDetectionPeriod: Micros;
  /** [37] How the event says that too little could be freed. */
  readonly failureTellsEligible: boolean;
}

/** An image that no container is made of. */
export interface UnusedImage {
  readonly name: string;
  readonly bytes: number;
  readonly firstDetected: Micros;
  /** -Infinity: never, as far as this kubelet knows. */
  readonly lastUsed: Micros;
}

/** Least recently used first; of two the one that was found earlier. As byLastUsedAndDetected (k8s 1.37 images/image_gc_manager.go). */
export const inEvictionOrder = (images: readonly UnusedImage[]): readonly UnusedImage[] =>
  [...images].sort((a, b) =>
    a.lastUsed === b.lastUsed ? a.firstDetected - b.firstDetected : a.lastUsed < b.lastUsed ? -1 : 1,
  );

/** The images to remove until so many bytes are free; fewer when there are no more. As freeSpace (k8s 1.37). */
export function imagesToFree(
  images: readonly UnusedImage[],
  bytesToFree: number,
  now: Micros,
  { imageMinimumGCAge }: ImageGCSettings,
): readonly UnusedImage[] {
  const chosen: UnusedImage[] = [];
  let freed = 0;
  for (const image of inEvictionOrder(images)) {
    if (now - image.firstDetected < imageMinimumGCAge) {
      continue;
    }
    chosen.push(image);
    freed += image.bytes;
    if (freed >= bytesToFree) {
      break;
    }
  }
  return chosen;
}

/** Images unused for too long; none before the collector itself is that old. As freeOldImages (k8s 1.37). */
export const oldImages = (
  images: readonly UnusedImage[],
  now: Micros,
  beganAt: Micros,
  { imageMaximumGCAge }: ImageGCSettings,
): readonly UnusedImage[] =>
  imageMaximumGCAge === 0 || now - beganAt <= imageMaximumGCAge
    ? []
    : inEvictionOrder(images).filter(({ lastUsed }) => now - lastUsed > imageMaximumGCAge);

/**
 * Bytes to free so that usage falls to the low threshold; 0 while it is below the high one. Percentages are cut off to whole ones,
 * so that 85 % is reached by the first byte above 84 %. As GarbageCollect (k8s 1.37).
 */
export function bytesToFree(available: number, capacity: number, settings: ImageGCSettings): number {
  const usedPercent = 100 - Math.floor((available * 100) / capacity);
  return usedPercent < settings.imageGCHighThresholdPercent
    ? 0
    : Math.floor((capacity * (100 - settings.imageGCLowThresholdPercent)) / 100) - available;
}

/** Below this many bytes in use `bytesToFree` is 0. */
export const quietBelow = (capacity: number, { imageGCHighThresholdPercent }: ImageGCSettings): number =>
  Math.floor((capacity * (imageGCHighThresholdPercent - 1)) / 100);
