import type { Micros } from '../../../engine/index.js';
import type { Pod } from '../../api/index.js';
import type { ProcessClock } from '../process-clock.js';

export interface VolumeSettings {
  /** How often a waiting sync looks whether its volumes are there, or gone. */
  readonly podAttachAndMountRetryInterval: Micros;
  /** Until a volume is unmounted once its pod's containers are gone. */
  readonly unmountTime: Micros;
}

/**
 * Whether a pod's volumes are mounted. As volume manager (k8s 1.37 pkg/kubelet/volumemanager) for volumes that are there at
 * once: what remains is the poll of the sync that waits for them. Nearly every pod has one, for its service account's token.
 */
export class VolumeManager {
  readonly #clock: ProcessClock;
  readonly #settings: VolumeSettings;
  readonly #mounted = new Set<string>();

  constructor(clock: ProcessClock, settings: VolumeSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Calls back when all are mounted. Answers how to give up waiting; undefined when there is nothing to wait for. */
  waitForAttachAndMount(pod: Pod, then: () => void): (() => void) | undefined {
    const uid = pod.metadata.uid as string;
    if (this.#mounted.has(uid) || !hasVolumes(pod)) {
      then();
      return undefined;
    }
    const timer = this.#clock.after(this.#settings.podAttachAndMountRetryInterval, () => {
      this.#mounted.add(uid);
      then();
    });
    return () => timer.cancel();
  }

  /** Calls back when none is mounted any more; `terminatedAt` is when the last container was gone. */
  waitForUnmount(pod: Pod, terminatedAt: Micros, then: () => void): void {
    const isGone = this.#clock.now >= terminatedAt + this.#settings.unmountTime;
    if (!this.#mounted.delete(pod.metadata.uid as string) || isGone) {
      then();
    } else {
      this.#clock.after(this.#settings.podAttachAndMountRetryInterval, then);
    }
  }
}

/**
 * Volumes of the spec, or the token that admission would add (k8s 1.37 plugin/pkg/admission/serviceaccount) and that is not
 * in the simulated spec.
 */
const hasVolumes = ({ spec }: Pod): boolean =>
  (spec.volumes?.length ?? 0) > 0 || spec.automountServiceAccountToken !== false;
