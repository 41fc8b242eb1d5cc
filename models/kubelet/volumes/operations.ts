import type { Timeline } from '../../../engine/index.js';
import type { Node, Pod } from '../../api/index.js';
import { type PodEvents, REASONS } from '../events.js';
import { setUpError } from '../objects/decisions.js';
import type { ObjectCache } from '../objects/object-cache.js';
import type { ProcessClock } from '../process-clock.js';
import type { VolumeRow } from '../timelines.js';
import { haveSameContent } from './decisions.js';
import type { Mount, OperationBackOff } from './mount.js';

export interface OperationsOptions {
  readonly clock: ProcessClock;
  readonly objects: ObjectCache;
  readonly events: PodEvents;
  readonly nodeName: string;
  readonly timeline: Timeline<VolumeRow> | undefined;
  node(): Node;
}

/** What the reconciler does for one volume at a time. As operation executor (k8s 1.37 pkg/volume/util/operationexecutor). */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #backOff: OperationBackOff;

  constructor(options: OperationsOptions, backOff: OperationBackOff) {
    this.#options = options;
    this.#backOff = backOff;
  }

  /** Calls `again` when the volume is worth another pass before its back-off says so. */
  run(pod: Pod, mount: Mount, again: () => void): void {
    if (mount.claimName === undefined) {
      this.#setUp(pod, mount, again);
    } else if (mount.isFound && mount.claimError === undefined) {
      this.#mountClaim(mount, again);
    }
  }

  /** Nobody tells the kubelet that a volume was attached: it looks in its node's status (VerifyControllerAttachedVolume). */
  #mountClaim(mount: Mount, again: () => void): void {
    const { attachable } = mount;
    if (attachable === undefined || mount.isAttached) {
      mount.isMounted = true;
      mount.succeeded();
      return;
    }
    const { volumesAttached = [], volumesInUse = [] } = this.#options.node().status ?? {};
    // Only what the node's status tells to be in use may be mounted, lest it be detached under the pod.
    if (volumesInUse.includes(attachable) && volumesAttached.some(({ name }) => name === attachable)) {
      mount.isAttached = true;
      mount.succeeded();
      again();
    } else {
      mount.failed(this.#options.clock.now, this.#backOff);
    }
  }

  #setUp(pod: Pod, mount: Mount, again: () => void): void {
    const { clock, events, objects } = this.#options;
    if (mount.references.some(({ kind, name }) => !objects.hasSynced(kind, name))) {
      objects.whenSynced(again);
      return;
    }
    const sourceOf = objects.sourceOf(pod);
    const error = setUpError(mount.volume, pod, sourceOf);
    if (error !== undefined) {
      mount.failed(clock.now, this.#backOff);
      const message = `MountVolume.SetUp failed for volume "${mount.volume.name}" : ${error}`;
      events.record(pod, undefined, 'Warning', REASONS.failedMount, message);
      this.#note(pod, mount, error);
      return;
    }
    const sources = mount.references.map(sourceOf);
    if (!mount.isMounted || !haveSameContent(sources, mount.written)) {
      this.#note(pod, mount, mount.isMounted ? 'updated' : 'mounted');
    }
    mount.written = sources;
    mount.isMounted = true;
    mount.isOutdated = false;
    mount.succeeded();
  }

  #note({ metadata }: Pod, { volume }: Mount, outcome: string): void {
    const { nodeName: node, timeline } = this.#options;
    timeline?.append({ node, namespace: metadata.namespace ?? '', pod: metadata.name, volume: volume.name, outcome });
  }
}
