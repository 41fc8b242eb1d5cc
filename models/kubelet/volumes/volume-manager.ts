import type { EventHandle, Micros } from '../../../engine/index.js';
import { claimNameOf, type Pod } from '../../api/index.js';
import { LoopGrid } from '../../client-go/index.js';
import { REASONS } from '../events.js';
import type { Watched } from '../objects/object-cache.js';
import { referencesOfVolume } from '../objects/references.js';
import { claimed } from './claims.js';
import { hasVolumes, usedVolumes, waitError } from './decisions.js';
import { Mount, type OperationBackOff } from './mount.js';
import { Operations, type OperationsOptions } from './operations.js';

export interface VolumeSettings {
  /** How often a waiting sync looks whether its volumes are there, or gone; and for how long at most. */
  readonly podAttachAndMountRetryInterval: Micros;
  readonly podAttachAndMountTimeout: Micros;
  /** How often the volumes that pods want are compared with those that are there. */
  readonly reconcilerLoopSleepPeriod: Micros;
  /** After a mount that failed. */
  readonly operationBackOff: OperationBackOff;
  /** Until a volume is unmounted once its pod's containers are gone. */
  readonly unmountTime: Micros;
  /** [23] An event tells that the wait was given up; its text does not know which volumes are attached. */
  readonly tellsWaitTimeout: boolean;
}

export interface VolumeManagerOptions extends OperationsOptions {
  readonly settings: VolumeSettings;
  /** The reconciler's phase. */
  readonly firstPassAt: Micros;
  /** The list of volumes in use has changed. */
  onVolumesInUse(): void;
  /** An object that a mounted volume is made of has changed: the pod's next resync will see to it. */
  onOutdated(uid: string): void;
}

/** How the wait for a pod's volumes ended, if not with all of them mounted. */
type WaitError = string | undefined;

interface Waiter {
  readonly since: Micros;
  readonly then: (error: WaitError) => void;
  timer: EventHandle | undefined;
}

/** A pod with volumes that may not be there. */
interface PodMounts {
  readonly pod: Pod;
  readonly mounts: readonly Mount[];
  /** Its volumes are looked at from this instant on: one pass to be seen, the next to be mounted. */
  readonly from: Micros;
  waiter: Waiter | undefined;
}

/**
 * Whether a pod's volumes are mounted. As volume manager (k8s 1.37 pkg/kubelet/volumemanager). Volumes that only need the node's
 * own disk are there at once: what remains is the poll of the sync that waits for them. Nearly every pod has one, for its service
 * account's token. Others are tried by the reconciler every 0.1 s, each with a back-off of its own; a pass that could not do
 * anything is no event.
 */
export class VolumeManager {
  readonly #options: VolumeManagerOptions;
  readonly #operations: Operations;
  readonly #passes: LoopGrid;
  readonly #mounted = new Set<string>();
  readonly #pods = new Map<string, PodMounts>();
  /** Undefined until the first volume that has to be attached: then the node's status tells them. */
  #volumesInUse: readonly string[] | undefined;
  #pass: EventHandle | undefined;
  #passAt: Micros = Number.POSITIVE_INFINITY;

  constructor(options: VolumeManagerOptions) {
    this.#options = options;
    this.#operations = new Operations(options, options.settings.operationBackOff);
    this.#passes = new LoopGrid(options.firstPassAt, options.settings.reconcilerLoopSleepPeriod, 0);
  }

  /** By unique name, in order. */
  get volumesInUse(): readonly string[] | undefined {
    return this.#volumesInUse;
  }

  /** Calls back when all are mounted, or will not be. Answers how to give up waiting; undefined when it did not have to wait. */
  waitForAttachAndMount(pod: Pod, then: (error: WaitError) => void): (() => void) | undefined {
    const uid = pod.metadata.uid as string;
    const known = this.#pods.get(uid);
    if (known === undefined && (this.#mounted.has(uid) || !hasVolumes(pod))) {
      then(undefined);
      return undefined;
    }
    const { clock, settings } = this.#options;
    const mounts = known ?? this.#add(uid, pod);
    if (mounts === undefined) {
      const timer = clock.after(settings.podAttachAndMountRetryInterval, () => {
        this.#mounted.add(uid);
        then(undefined);
      });
      return () => timer.cancel();
    }
    this.#reprocess(mounts);
    if (mounts.mounts.every(({ isMounted }) => isMounted)) {
      then(undefined);
      return undefined;
    }
    const waiter: Waiter = { since: clock.now, then, timer: undefined };
    mounts.waiter = waiter;
    this.#wake(clock.now);
    waiter.timer = clock.after(settings.podAttachAndMountTimeout, () =>
      this.#endWait(mounts, this.#timeoutError(mounts)),
    );
    return () => {
      waiter.timer?.cancel();
      mounts.waiter = undefined;
    };
  }

  /** Calls back when none is mounted any more; `terminatedAt` is when the last container was gone. */
  waitForUnmount(pod: Pod, terminatedAt: Micros, then: () => void): void {
    const { clock, settings } = this.#options;
    const uid = pod.metadata.uid as string;
    const hadMounts = this.#pods.delete(uid);
    const isGone = clock.now >= terminatedAt + settings.unmountTime;
    const end = (): void => {
      if (hadMounts) {
        this.#tellVolumesInUse();
      }
      then();
    };
    if (!(this.#mounted.delete(uid) || hadMounts) || isGone) {
      end();
    } else {
      clock.after(settings.podAttachAndMountRetryInterval, end);
    }
  }

  /** A watched object came, changed or went. */
  objectChanged(changed: Watched): void {
    for (const [uid, { mounts, pod }] of this.#pods) {
      const names = (mount: Mount): boolean =>
        mount.references.some(
          ({ kind, name }) => kind === changed.kind && `${pod.metadata.namespace}/${name}` === changed.key,
        );
      if (mounts.some((mount) => mount.isMounted && names(mount))) {
        this.#options.onOutdated(uid);
      }
      if (mounts.some(({ claimName, isMounted }) => claimName !== undefined && !isMounted)) {
        this.#wake(this.#options.clock.now);
      }
    }
  }

  // ---------------------------------------------------------------------------------------------------- desired state

  /** Undefined for a pod all of whose volumes are there at once. */
  #add(uid: string, pod: Pod): PodMounts | undefined {
    const { clock, objects } = this.#options;
    const used = usedVolumes(pod);
    const mounts = (pod.spec.volumes ?? [])
      .filter(({ name }) => used.has(name))
      .map((volume) => new Mount(volume, referencesOfVolume(volume, pod.spec), claimNameOf(pod, volume)))
      .filter(({ claimName, references }) => claimName !== undefined || references.length > 0);
    if (mounts.length === 0) {
      return undefined;
    }
    const added: PodMounts = { pod, mounts, from: this.#passes.after(this.#passes.from(clock.now)), waiter: undefined };
    this.#pods.set(uid, added);
    objects.register(pod);
    this.#lookForClaims(added);
    this.#wake(added.from - 1);
    return added;
  }

  /** Files made of objects that changed are made anew (ReprocessPod, MarkRemountRequired). */
  #reprocess(mounts: PodMounts): void {
    const { clock, objects } = this.#options;
    const sourceOf = objects.sourceOf(mounts.pod);
    for (const mount of mounts.mounts) {
      if (mount.isMounted && mount.references.some((reference, i) => sourceOf(reference) !== mount.written[i])) {
        mount.isOutdated = true;
        this.#wake(Math.max(clock.now, mount.waitsUntil));
      }
    }
    this.#lookForClaims(mounts);
  }

  /** Which volumes claims stand for. What is wrong with one ends the wait for all. */
  #lookForClaims(mounts: PodMounts): void {
    const { clock, objects } = this.#options;
    for (const mount of mounts.mounts) {
      if (mount.claimName === undefined || mount.isMounted) {
        continue;
      }
      const found = claimed(mounts.pod, mount.claimName, objects);
      mount.claimError = found.state === 'refused' ? found.error : undefined;
      if (found.state === 'found') {
        mount.isFound = true;
        if (found.attachable !== mount.attachable) {
          mount.attachable = found.attachable;
          this.#tellVolumesInUse();
        }
      } else if (found.state === 'unknown') {
        objects.whenSynced(() => this.#wake(clock.now));
      }
    }
  }

  #tellVolumesInUse(): void {
    const names = [...this.#pods.values()].flatMap(({ mounts }) =>
      mounts.flatMap(({ attachable }) => attachable ?? []),
    );
    if (names.length > 0 || this.#volumesInUse !== undefined) {
      this.#volumesInUse = [...new Set(names)].sort();
      this.#options.onVolumesInUse();
    }
  }

  // -------------------------------------------------------------------------------------------------------- reconciler

  /** There is something to try at the first pass after this instant. */
  #wake(after: Micros): void {
    const { clock } = this.#options;
    const at = this.#passes.after(after);
    if (at < this.#passAt) {
      this.#pass?.cancel();
      this.#passAt = at;
      this.#pass = clock.after(at - clock.now, () => this.#reconcile());
    }
  }

  #reconcile(): void {
    const { clock } = this.#options;
    this.#passAt = Number.POSITIVE_INFINITY;
    for (const mounts of this.#pods.values()) {
      if (mounts.mounts.every(({ isDone }) => isDone)) {
        continue;
      }
      if (clock.now < mounts.from) {
        this.#wake(mounts.from - 1);
        continue;
      }
      this.#lookForClaims(mounts);
      for (const mount of mounts.mounts) {
        if (!mount.isDone && mount.waitsUntil < clock.now) {
          this.#operations.run(mounts.pod, mount, () => this.#wake(clock.now));
        }
        if (!mount.isDone && mount.waitsUntil >= clock.now) {
          this.#wake(mount.waitsUntil);
        }
      }
      this.#lookAtWait(mounts);
    }
  }

  // -------------------------------------------------------------------------------------------------------------- wait

  /** The waiting sync finds out at its next poll. */
  #lookAtWait(mounts: PodMounts): void {
    const { waiter } = mounts;
    const errors = mounts.mounts.flatMap(({ claimError }) => claimError ?? []);
    if (waiter === undefined || (errors.length === 0 && !mounts.mounts.every(({ isMounted }) => isMounted))) {
      return;
    }
    const { clock, settings } = this.#options;
    const polls = new LoopGrid(waiter.since, settings.podAttachAndMountRetryInterval, 0);
    waiter.timer?.cancel();
    waiter.timer = clock.after(polls.from(clock.now) - clock.now, () =>
      this.#endWait(mounts, errors.length === 0 ? undefined : this.#claimError(mounts, errors)),
    );
  }

  #endWait(mounts: PodMounts, error: WaitError): void {
    const { waiter } = mounts;
    mounts.waiter = undefined;
    waiter?.then(error);
  }

  #timeoutError(mounts: PodMounts): string {
    const { tellsWaitTimeout } = this.#options.settings;
    const cause = tellsWaitTimeout ? 'timed out waiting for the condition' : 'context deadline exceeded';
    const error = waitError(mounts, cause, !tellsWaitTimeout);
    if (tellsWaitTimeout) {
      this.#tellWaitError(mounts, error);
    }
    return error;
  }

  #claimError(mounts: PodMounts, errors: readonly string[]): string {
    const error = waitError(mounts, errors.join('; '), !this.#options.settings.tellsWaitTimeout);
    this.#tellWaitError(mounts, error);
    return error;
  }

  #tellWaitError({ pod }: PodMounts, error: string): void {
    const message = `Unable to attach or mount volumes: ${error}`;
    this.#options.events.record(pod, undefined, 'Warning', REASONS.failedMount, message);
  }
}
