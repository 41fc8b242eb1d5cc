import type { Micros, Timeline } from '../../../engine/index.js';
import { TokenBucket } from '../../client-go/index.js';
import type { ContainerRuntime, RuntimeReply, StoredImage } from '../../world/index.js';
import type { ProcessClock } from '../process-clock.js';
import type { ImagePullRow } from '../timelines.js';
import type { ImagePullSettings } from './decisions.js';

/** An image that was pulled, and how long that took without waiting for its turn. */
export interface PullResult {
  readonly image: StoredImage;
  readonly took: Micros;
}

export interface ImagePullerOptions {
  readonly clock: ProcessClock;
  readonly runtime: ContainerRuntime;
  readonly settings: ImagePullSettings;
  readonly node: string;
  readonly timeline: Timeline<ImagePullRow> | undefined;
}

interface Request {
  readonly image: string;
  readonly askedAt: Micros;
  readonly then: (reply: RuntimeReply<PullResult>) => void;
}

/** Pulls images one after the other, or several at a time (k8s 1.37 pkg/kubelet/images/puller.go). Over the limit a pull fails. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #limiter: TokenBucket;
  readonly #atATime: number;
  readonly #waiting: Request[] = [];
  #running = 0;

  constructor(options: ImagePullerOptions) {
    this.#options = options;
    const { registryBurst, registryPullQPS, serializeImagePulls, maxParallelImagePulls } = options.settings;
    this.#limiter = new TokenBucket(registryPullQPS, registryBurst);
    this.#atATime = serializeImagePulls ? 1 : (maxParallelImagePulls ?? Number.POSITIVE_INFINITY);
  }

  pull(image: string, then: Request['then']): void {
    this.#waiting.push({ image, askedAt: this.#options.clock.now, then });
    this.#next();
  }

  #next(): void {
    while (this.#running < this.#atATime) {
      const request = this.#waiting.shift();
      if (request === undefined) {
        return;
      }
      this.#running++;
      this.#begin(request, (reply) => {
        this.#running--;
        request.then(reply);
        this.#next();
      });
    }
  }

  /** The runtime gives up a pull whose kubelet died: it ends only while this process lives. */
  #begin({ askedAt, image }: Request, then: Request['then']): void {
    const { clock, node, runtime, timeline } = this.#options;
    const begunAt = clock.now;
    const end: Request['then'] = (reply) => {
      const outcome = reply.ok ? 'pulled' : reply.message;
      timeline?.append({ node, image, outcome, took_s: clock.now - begunAt, waited_s: begunAt - askedAt });
      then(reply);
    };
    if (!this.#limiter.tryTake(clock.now)) {
      end({ ok: false, message: 'pull QPS exceeded' });
      return;
    }
    const { after, finish } = runtime.images.pull(image);
    clock.after(after, () => end(finish()));
  }
}
