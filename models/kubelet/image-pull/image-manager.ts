import { formatDuration, type Micros } from '../../../engine/index.js';
import type { Container, Pod } from '../../api/index.js';
import { parseImageName } from '../../world/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { StartFailure } from '../sync-pod/sync-results.js';
import { ImageBackOff, imageDecision } from './decisions.js';
import { ImagePuller, type ImagePullerOptions, type PullResult } from './image-puller.js';

export type ImageReply =
  | { readonly ok: true; readonly imageRef: string }
  | { readonly ok: false; readonly failure: StartFailure };

export interface ImageManagerOptions extends ImagePullerOptions {
  readonly events: PodEvents;
}

/** Sees to it that an image is there before its container is made. As EnsureImageExists (k8s 1.37 pkg/kubelet/images). */
export class ImageManager {
  readonly #options: ImageManagerOptions;
  readonly #puller: ImagePuller;
  readonly #backOff: ImageBackOff;

  constructor(options: ImageManagerOptions) {
    this.#options = options;
    this.#puller = new ImagePuller(options);
    this.#backOff = new ImageBackOff(options.settings);
  }

  ensureImageExists(pod: Pod, container: Container, then: (reply: ImageReply) => void): void {
    const { runtime, settings } = this.#options;
    const image = container.image ?? '';
    const name = parseImageName(image);
    const fail = (reason: string, message: string): void => then({ ok: false, failure: { reason, message } });
    if (name === undefined) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`;
      this.#warn(pod, container, REASONS.inspectFailed, message);
      fail('InvalidImageName', message);
      return;
    }
    const policy = container.imagePullPolicy ?? (name.suffix === ':latest' ? 'Always' : 'IfNotPresent');
    const stored = runtime.images.find(image);
    switch (imageDecision(policy, stored !== undefined)) {
      case 'use': {
        const access = settings.KubeletEnsureSecretPulledImages ? ' and can be accessed by the pod' : '';
        this.#tell(pod, container, REASONS.pulled, `Container image "${image}" already present on machine${access}`);
        then({ ok: true, imageRef: stored?.ref ?? '' });
        return;
      }
      case 'refuse': {
        const message = `Container image "${image}" is not present with pull policy of Never`;
        this.#warn(pod, container, REASONS.imageNeverPull, message);
        fail('ErrImageNeverPull', message);
        return;
      }
      case 'pull':
        this.#pull(pod, container, image, then);
    }
  }

  #pull(pod: Pod, container: Container, image: string, then: (reply: ImageReply) => void): void {
    const { clock, settings } = this.#options;
    const key = `${pod.metadata.uid}_${image}`;
    const lastError = this.#backOff.refusal(key, clock.now);
    if (lastError !== undefined) {
      const message = `Back-off pulling image "${image}"`;
      this.#tell(pod, container, REASONS.backOff, message);
      const told = settings.waitingMessageTellsPullError ? `${message}: ${lastError}` : message;
      then({ ok: false, failure: { reason: 'ImagePullBackOff', message: told } });
      return;
    }
    this.#tell(pod, container, REASONS.pulling, `Pulling image "${image}"`);
    const askedAt = clock.now;
    this.#puller.pull(image, (reply) => {
      if (reply.ok) {
        this.#backOff.collectGarbage(clock.now);
        this.#tell(pod, container, REASONS.pulled, this.#pulledMessage(image, reply.value, clock.now - askedAt));
        then({ ok: true, imageRef: reply.value.image.ref });
        return;
      }
      this.#warn(pod, container, REASONS.failed, `Failed to pull image "${image}": ${reply.message}`);
      this.#backOff.recordFailure(key, `ErrImagePull: ${reply.message}`, clock.now);
      then({ ok: false, failure: { reason: 'ErrImagePull', message: reply.message } });
    });
  }

  #pulledMessage(image: string, { image: stored, took }: PullResult, including: Micros): string {
    const times = `in ${formatDuration(took)} (${formatDuration(including)} including waiting)`;
    const size = this.#options.settings.pulledEventTellsSize ? `. Image size: ${stored.bytes} bytes.` : '';
    return `Successfully pulled image "${image}" ${times}${size}`;
  }

  #tell(pod: Pod, container: Container, reason: string, message: string): void {
    this.#options.events.record(pod, container.name, 'Normal', reason, message);
  }

  #warn(pod: Pod, container: Container, reason: string, message: string): void {
    this.#options.events.record(pod, container.name, 'Warning', reason, message);
  }
}
