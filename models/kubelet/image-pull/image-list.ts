import type { Micros } from '../../../engine/index.js';
import type { ContainerRuntime, StoredImage } from '../../world/index.js';
import type { ProcessClock, Ticker } from '../process-clock.js';

/** The list of images as node status shows it: read anew every 30 s (k8s 1.37 pkg/kubelet/images/image_gc_manager.go Start). */
export class ImageList {
  readonly #runtime: ContainerRuntime;
  readonly #refreshes: Ticker;
  readonly #clock: ProcessClock;
  #images: readonly StoredImage[] = [];

  constructor(clock: ProcessClock, runtime: ContainerRuntime, period: Micros, firstAt: Micros, onChange: () => void) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#images = [...runtime.images.list()];
    this.#refreshes = clock.ticker(period, firstAt, () => {
      const images = [...this.#runtime.images.list()];
      if (images.length !== this.#images.length || images.some((image, i) => image !== this.#images[i])) {
        this.#images = images;
        onChange();
      }
    });
  }

  get images(): readonly StoredImage[] {
    return this.#images;
  }

  /** An image came or went: the next refresh will find it. */
  imagesChanged(): void {
    this.#refreshes.wakeAfter(this.#clock.now);
  }
}
