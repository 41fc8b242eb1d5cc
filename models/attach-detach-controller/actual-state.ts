import type { Micros } from '../../engine/index.js';
import type { AttachableVolume } from './decisions.js';

/** A volume at a node, as far as is known. */
export interface Attachment {
  readonly volume: AttachableVolume;
  readonly node: string;
  /** False: an operation failed half-way, or only its VolumeAttachment is known of. */
  isConfirmed: boolean;
  /** Since when nobody wants it there. */
  detachRequestedAt: Micros | undefined;
}

/** Which volumes are attached where, and what nodes say of them. As cache.ActualStateOfWorld (pkg/controller/volume/attachdetach). */
export class ActualState {
  readonly #byVolume = new Map<string, Map<string, Attachment>>();
  readonly #inUse = new Map<string, ReadonlySet<string>>();
  /** Volumes that the status of a node lists as attached, by node. */
  readonly #reported = new Map<string, Set<string>>();
  readonly #unreported = new Set<string>();

  markAttached(volume: AttachableVolume, node: string): void {
    this.#put(volume, node, true);
    this.report(volume.uniqueName, node, true);
  }

  markUncertain(volume: AttachableVolume, node: string): void {
    this.#put(volume, node, false);
  }

  markDetached({ uniqueName }: AttachableVolume, node: string): void {
    const nodes = this.#byVolume.get(uniqueName);
    nodes?.delete(node);
    if (nodes?.size === 0) {
      this.#byVolume.delete(uniqueName);
    }
    this.report(uniqueName, node, false);
  }

  get(volume: string, node: string): Attachment | undefined {
    return this.#byVolume.get(volume)?.get(node);
  }

  /** In order of volume and node. */
  attachments(): readonly Attachment[] {
    return [...this.#byVolume.values()]
      .flatMap((nodes) => [...nodes.values()])
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** Names of the nodes that certainly have the volume, in order. */
  nodesOf(volume: string): readonly string[] {
    const nodes = [...(this.#byVolume.get(volume)?.values() ?? [])];
    return nodes
      .filter(({ isConfirmed }) => isConfirmed)
      .map(({ node }) => node)
      .sort();
  }

  /** As SetVolumesMountedByNode; what a node said last is believed after its deletion, too. */
  setInUse(node: string, volumes: readonly string[]): void {
    if (volumes.length > 0) {
      this.#inUse.set(node, new Set(volumes));
    } else {
      this.#inUse.delete(node);
    }
  }

  isInUse(volume: string, node: string): boolean {
    return this.#inUse.get(node)?.has(volume) ?? false;
  }

  concerns(node: string): boolean {
    return this.#reported.has(node) || this.#inUse.has(node);
  }

  /** Says in the node's status that the volume is attached, or no longer safe to mount. */
  report(volume: string, node: string, isAttached: boolean): void {
    const volumes = this.#reported.get(node) ?? new Set<string>();
    if (volumes.has(volume) === isAttached) {
      return;
    }
    this.#reported.set(node, volumes);
    if (isAttached) {
      volumes.add(volume);
    } else {
      volumes.delete(volume);
    }
    this.#unreported.add(node);
  }

  /** The node's status has to be written again. */
  touch(node: string): void {
    if (this.#reported.has(node)) {
      this.#unreported.add(node);
    }
  }

  /** Nodes whose status does not list what it should, in order. */
  unreportedNodes(): readonly string[] {
    return [...this.#unreported].sort();
  }

  /** What the status of this node shall list, in order of name; from now on it counts as written. */
  takeReport(node: string): readonly string[] {
    this.#unreported.delete(node);
    return [...(this.#reported.get(node) ?? [])].sort();
  }

  clear(): void {
    this.#byVolume.clear();
    this.#inUse.clear();
    this.#reported.clear();
    this.#unreported.clear();
  }

  #put(volume: AttachableVolume, node: string, isConfirmed: boolean): void {
    const nodes = this.#byVolume.get(volume.uniqueName) ?? new Map<string, Attachment>();
    this.#byVolume.set(volume.uniqueName, nodes);
    const known = nodes.get(node);
    if (known === undefined) {
      nodes.set(node, { volume, node, isConfirmed, detachRequestedAt: undefined });
    } else {
      known.isConfirmed = isConfirmed;
    }
  }
}

const keyOf = ({ volume, node }: Attachment): string => `${volume.uniqueName} ${node}`;
