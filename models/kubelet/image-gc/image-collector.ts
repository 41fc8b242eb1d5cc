import type { Micros } from '../../../engine/index.js';
import type { ContainerRuntime, StoredImage } from '../../world/index.js';
import type { NodeEvents } from '../events.js';
import type { ProcessClock, Ticker } from '../process-clock.js';
import {
  bytesToFree,
  type ImageGCSettings,
  imagesToFree,
  oldImages,
  quietBelow,
  type UnusedImage,
} from './decisions.js';

export interface ImageCollectorOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly events: NodeEvents;
  readonly settings: ImageGCSettings;
  /** The process has just begun: its first pass comes before anything was measured. */
  readonly failsAtOnce: boolean;
  readonly nextPassAt: Micros;
  readonly nextDetectionAt: Micros;
}

interface ImageRecord {
  readonly firstDetected: Micros;
  lastUsed: Micros;
}

/**
 * Removes images that nothing uses when their disk fills up. As realImageGCManager (k8s 1.37 pkg/kubelet/images/image_gc_manager.go)
 * and StartGarbageCollection (kubelet.go). Passes that would find room enough are left out, and so are those of the loop that notes
 * which images are in use: what they would have noted is worked out when it matters.
 */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #passes: Ticker;
  readonly #detections: Ticker;
  readonly #records = new Map<string, ImageRecord>();
  #hasFailed = false;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
    const { clock, failsAtOnce, nextDetectionAt, nextPassAt, runtime, settings } = options;
    this.#passes = clock.ticker(settings.imageGCPeriod, nextPassAt, () => this.#pass());
    this.#detections = clock.ticker(settings.imageDetectionPeriod, nextDetectionAt, () => {});
    for (const image of runtime.images.list()) {
      this.#record(image, clock.now);
    }
    if (failsAtOnce) {
      this.#failUnmeasured();
    }
    this.foresee();
  }

  /** Arms the next pass that could find something; to be called when the use of disks develops differently from what was foretold. */
  foresee(): void {
    const { clock, runtime, settings } = this.#options;
    const { imagefs } = runtime.disks;
    if (settings.imageMaximumGCAge > 0 || imagefs.capacity === 0) {
      this.#passes.wakeAfter(clock.now);
    }
    if (imagefs.capacity > 0 && settings.imageGCHighThresholdPercent < 100) {
      this.#passes.wakeAfter(imagefs.bytes.reaches(quietBelow(imagefs.capacity, settings), clock.now));
    }
  }

  /** The last container with this image is gone: it counts as used at the last look while there was one. */
  imageReleased(ref: string, since: Micros): void {
    const { clock, runtime } = this.#options;
    const lookedAt = Math.max(this.#detections.lastUpTo(clock.now), this.#passes.lastUpTo(clock.now), clock.startedAt);
    const image = [...runtime.images.list()].find((stored) => stored.ref === ref);
    if (image !== undefined && lookedAt >= since) {
      this.#record(image, clock.now).lastUsed = lookedAt;
    }
  }

  /** All that is old enough and not in use (DeleteUnusedImages). */
  deleteUnusedImages(): void {
    this.#free(Number.POSITIVE_INFINITY);
  }

  /**
   * StartGarbageCollection (k8s 1.37 pkg/kubelet/kubelet.go) begins the loop before the runtime is asked for the first time and
   * cAdvisor starts, so the disk still has no size.
   */
  #failUnmeasured(): void {
    const message = 'invalid capacity 0 on image filesystem';
    if (this.#options.runtime.disks.imagefs.capacity > 0) {
      this.#options.events.recordNode('Warning', 'InvalidDiskCapacity', message);
    }
    this.#tellFailure(message);
  }

  #pass(): void {
    const { clock, events, runtime, settings } = this.#options;
    const { imagefs } = runtime.disks;
    for (const { name } of oldImages(this.#unused(), clock.now, clock.startedAt, settings)) {
      this.#remove(name);
    }
    if (imagefs.capacity === 0) {
      this.#tellFailure('imageFs information is unavailable');
      this.foresee();
      return;
    }
    const wanted = bytesToFree(imagefs.availableAt(clock.now), imagefs.capacity, settings);
    const freed = wanted > 0 ? this.#free(wanted) : 0;
    if (freed < wanted) {
      const message = settings.failureTellsEligible
        ? `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
        : `failed to garbage collect required amount of images. Wanted to free ${wanted} bytes, but freed ${freed} bytes`;
      events.recordNode('Warning', 'FreeDiskSpaceFailed', message);
      this.#tellFailure(message);
    } else {
      this.#hasFailed = false;
    }
    this.foresee();
  }

  /** Only the second failure in a row is told as one of the loop. */
  #tellFailure(message: string): void {
    if (this.#hasFailed) {
      this.#options.events.recordNode('Warning', 'ImageGCFailed', message);
    }
    this.#hasFailed = true;
  }

  #free(bytes: number): number {
    const { clock, settings } = this.#options;
    let freed = 0;
    for (const { bytes: size, name } of imagesToFree(this.#unused(), bytes, clock.now, settings)) {
      this.#remove(name);
      freed += size;
    }
    return freed;
  }

  #remove(name: string): void {
    this.#options.runtime.images.remove(name);
    this.#records.delete(name);
  }

  #unused(): readonly UnusedImage[] {
    const { clock, runtime } = this.#options;
    const unused: UnusedImage[] = [];
    for (const image of runtime.images.list()) {
      const record = this.#record(image, clock.now);
      if (runtime.images.isInUse(image)) {
        record.lastUsed = clock.now;
      } else {
        unused.push({ name: image.name, bytes: image.bytes, ...record });
      }
    }
    return unused;
  }

  /** When the image was first found: at the first look after it came. */
  #record({ name, pulledAt }: StoredImage, now: Micros): ImageRecord {
    const known = this.#records.get(name);
    if (known !== undefined) {
      return known;
    }
    const at = Math.max(pulledAt, this.#options.clock.startedAt) - 1;
    const looks = [this.#detections.nextAfter(at), this.#passes.nextAfter(at), now];
    const record = { firstDetected: Math.min(...looks), lastUsed: Number.NEGATIVE_INFINITY };
    this.#records.set(name, record);
    return record;
  }
}
