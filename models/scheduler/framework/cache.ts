import { keyOf, type Node, type Pod } from '../../api/index.js';
import { ChangeLog } from '../incremental/change-log.js';
import type { ClusterView } from '../incremental/cluster-view.js';
import { SlotLog } from '../incremental/slot-log.js';
import { looksTheSame } from '../queue/changes.js';
import { ImageCounts, type QuietReports } from './image-counts.js';
import { NodeInfo } from './node-info.js';
import { NodeTree } from './node-tree.js';
import { countsTheSame, newerInfo, type PodInfo, podInfoOf } from './pod-info.js';
import type { Snapshot } from './snapshot.js';

const SLOT_LOG_CAPACITY = 1 << 16;

interface CachedPod {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Counted on its node before the API server has told of its binding. */
  readonly isAssumed: boolean;
}

/**
 * What the scheduler knows of nodes and assigned pods, assumed ones included. As cacheImpl
 * (pkg/scheduler/backend/cache/cache.go). A cycle decides in one instant of virtual time, hence the snapshot shares the nodes
 * of the cache; only what the real one delays is kept apart: the order of the list, and how many nodes have an image.
 */
export class Cache implements ClusterView {
  readonly changes = new ChangeLog();
  readonly imageChanges = new SlotLog(SLOT_LOG_CAPACITY);
  readonly otherChanges = new SlotLog(SLOT_LOG_CAPACITY);
  readonly podUpdates = new SlotLog(SLOT_LOG_CAPACITY);
  readonly #bySlot: (NodeInfo | undefined)[] = [];
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #tree = new NodeTree();
  readonly #pods = new Map<string, CachedPod>();
  readonly #images: ImageCounts;
  readonly #dirty = new Set<string>();
  readonly #freeSlots: number[] = [];
  #podsWithRequiredAntiAffinity = 0;
  #list: NodeInfo[] = [];
  #listed = new Map<string, NodeInfo>();

  /** `reports`: the status reports that are left out; default: none are. */
  constructor(reports?: QuietReports) {
    this.#images = new ImageCounts(reports);
  }

  get slotCount(): number {
    return this.#bySlot.length;
  }

  nodeAt(slot: number): NodeInfo | undefined {
    return this.#bySlot[slot];
  }

  addNode(node: Node): void {
    const { name } = node.metadata;
    const info = this.#nodeInfo(name);
    const before = info.exists ? info.node : undefined;
    if (before === undefined) {
      this.#tree.add(node);
    } else {
      this.#tree.update(before, node);
    }
    if (before === undefined || before.status?.images !== node.status?.images) {
      if (before !== undefined) {
        this.#images.remove(before);
      }
      this.#images.add(node);
    }
    info.setNode(node);
    if (before !== undefined && looksTheSame(before, node)) {
      this.otherChanges.push(info.slot);
    } else {
      this.changes.nodeChanged(info.slot);
    }
    this.#dirty.add(name);
  }

  updateNode(node: Node): void {
    this.addNode(node);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info?.exists) {
      return;
    }
    this.#images.remove(info.node);
    this.#images.forget(name);
    this.#tree.remove(info.node);
    info.removeNode();
    this.changes.nodeChanged(info.slot);
    this.#dirty.add(name);
    this.#dropIfEmpty(name, info);
  }

  /** The node's status reports began or ceased to be left out. */
  reportsChanged(name: string): void {
    this.#images.reportsChanged(name);
  }

  /** An assigned pod as the API server has it; ends an assumption. */
  addPod(pod: Pod, key = keyOf(pod)): void {
    const known = this.#pods.get(key);
    if (known === undefined) {
      this.#place(podInfoOf(pod, key), false);
    } else if (known.isAssumed || known.info.pod !== pod) {
      this.#replace(known, newerInfo(known.info, pod));
    }
  }

  updatePod(pod: Pod, key = keyOf(pod)): void {
    this.addPod(pod, key);
  }

  removePod(key: string): void {
    const known = this.#pods.get(key);
    if (known !== undefined) {
      this.#unplace(known);
    }
  }

  /** Counts a pod on the node chosen for it, before it is bound. `pod` carries spec.nodeName. */
  assumePod(pod: PodInfo): void {
    this.#place(pod, true);
  }

  /** Undoes an assumption that did not become a binding. */
  forgetPod(key: string): void {
    const known = this.#pods.get(key);
    if (known?.isAssumed) {
      this.#unplace(known);
    }
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  isAssumed(key: string): boolean {
    return this.#pods.get(key)?.isAssumed ?? false;
  }

  pod(key: string): PodInfo | undefined {
    return this.#pods.get(key)?.info;
  }

  /**
   * The snapshot for the next cycle. As UpdateSnapshot: nodes are listed anew only when one appeared or disappeared, so a change
   * of zone alone does not reorder them; image counts of a node are renewed only when the node or its pods changed.
   */
  snapshot(): Snapshot {
    let isListStale = false;
    for (const name of this.#images.reported()) {
      this.#dirty.add(name);
    }
    for (const name of this.#dirty) {
      const info = this.#nodes.get(name);
      if (info?.exists) {
        const listed = this.#listed.get(name);
        if (listed === undefined) {
          isListStale = true;
        } else if (listed !== info) {
          this.#list = this.#list.map((other) => (other === listed ? info : other));
        }
        this.#listed.set(name, info);
        if (this.#images.refresh(info)) {
          this.imageChanges.push(info.slot);
        }
      }
    }
    this.#dirty.clear();
    if (isListStale || this.#listed.size !== this.#tree.size) {
      this.#list = this.#tree.list().map((name) => this.#nodes.get(name) as NodeInfo);
      this.#listed = new Map(this.#list.map((info) => [info.name, info]));
    }
    const [nodes, listed] = [this.#list, this.#listed];
    const podsWithRequiredAntiAffinity = this.#podsWithRequiredAntiAffinity;
    return { nodes, podsWithRequiredAntiAffinity, get: (name) => listed.get(name) };
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (info === undefined) {
      info = new NodeInfo(this.#freeSlots.pop() ?? this.#bySlot.length);
      this.#nodes.set(name, info);
      this.#bySlot[info.slot] = info;
    }
    return info;
  }

  #dropIfEmpty(name: string, info: NodeInfo): void {
    if (!info.exists && info.pods.length === 0) {
      this.#nodes.delete(name);
      this.#bySlot[info.slot] = undefined;
      this.#freeSlots.push(info.slot);
    }
  }

  #place(info: PodInfo, isAssumed: boolean): void {
    const nodeName = info.pod.spec.nodeName ?? '';
    const node = this.#nodeInfo(nodeName);
    node.addPod(info);
    this.#podsWithRequiredAntiAffinity += Number(info.affinity.requiredAntiAffinity.length > 0);
    this.changes.podAdded(node.slot, info);
    this.#pods.set(info.key, { info, nodeName, isAssumed });
    this.#dirty.add(nodeName);
  }

  #unplace({ info, nodeName }: CachedPod): void {
    this.#pods.delete(info.key);
    const node = this.#nodes.get(nodeName);
    if (node !== undefined) {
      node.removePod(info.key);
      this.#podsWithRequiredAntiAffinity -= Number(info.affinity.requiredAntiAffinity.length > 0);
      this.changes.podRemoved(node.slot, info);
      this.#dirty.add(nodeName);
      this.#dropIfEmpty(nodeName, node);
    }
  }

  /** Most updates of a pod change nothing that counts; its place in the node's list changes all the same. */
  #replace(known: CachedPod, info: PodInfo): void {
    const node = this.#nodes.get(known.nodeName);
    if (node !== undefined && info.pod.spec.nodeName === known.nodeName && countsTheSame(known.info, info)) {
      node.replacePod(known.info, info);
      this.podUpdates.push(node.slot);
      this.#pods.set(info.key, { info, nodeName: known.nodeName, isAssumed: false });
      this.#dirty.add(known.nodeName);
      return;
    }
    this.#unplace(known);
    this.#place(info, false);
  }
}
