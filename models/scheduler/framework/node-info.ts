import type { Node } from '../../api/index.js';
import { ANY_IP, type HostPort, hasAffinity, type PodInfo } from './pod-info.js';
import { type Allocatable, countAllocatable, countFree, type Resources } from './resources.js';

/** Of one image name: the size that the first node told, and how many nodes have it. */
export interface ImageState {
  readonly sizeBytes: number;
  readonly nodeCount: number;
}

const NO_ALLOCATABLE: Allocatable = { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined, pods: 0 };
const NO_IMAGES: ReadonlyMap<string, ImageState> = new Map();

let lastStamp = 0;

/** Sums that follow the pods of a node. */
class Totals implements Resources {
  milliCpu = 0;
  memory = 0;
  ephemeralStorage = 0;
  scalars: Map<string, number> | undefined;

  add(resources: Resources, sign: 1 | -1): void {
    this.milliCpu += sign * resources.milliCpu;
    this.memory += sign * resources.memory;
    this.ephemeralStorage += sign * resources.ephemeralStorage;
    if (resources.scalars !== undefined) {
      this.scalars ??= new Map();
      for (const [name, amount] of resources.scalars) {
        this.scalars.set(name, (this.scalars.get(name) ?? 0) + sign * amount);
      }
    }
  }
}

/**
 * A node with its pods and their sums. As NodeInfo (pkg/scheduler/framework/types.go). Pods leave by swapping with the last, as
 * there: their order decides ties of preemption.
 */
export class NodeInfo {
  /** Small integer, stable while the cache knows the node: the row of arrays kept by plugins. */
  readonly slot: number;
  /** The last version known; it stays when the node is gone while pods are still counted on it. */
  #node: Node | undefined;
  #exists = false;
  name = '';
  allocatable: Allocatable = NO_ALLOCATABLE;
  readonly pods: PodInfo[] = [];
  readonly podsWithAffinity: PodInfo[] = [];
  readonly podsWithRequiredAntiAffinity: PodInfo[] = [];
  readonly requested = new Totals();
  nonZeroMilliCpu = 0;
  nonZeroMemory = 0;
  /** Images by name, as of the last time the node itself changed. */
  images: ReadonlyMap<string, ImageState> = NO_IMAGES;
  /** The cache's count of image changes when `images` was read. */
  imagesEpoch = 0;
  /** How many pods use each claim, by "namespace/name". */
  readonly claimUsers = new Map<string, number>();
  #free: number[] = [];
  #isFreeStale = true;
  readonly #hostPorts = new Map<string, Set<string>>();
  /** Changes whenever a pod comes, goes or changes what selectors see of it; unique over all nodes and copies. */
  podsStamp = ++lastStamp;
  /** Changes with the node object. */
  nodeStamp = ++lastStamp;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** The node; ask only where it is known to have existed, as in a snapshot. */
  get node(): Node {
    return this.#node as Node;
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** What is left of each resource, by its place. */
  get free(): readonly number[] {
    if (this.#isFreeStale) {
      countFree(this.#free, this.allocatable, this.requested, this.pods.length);
      this.#isFreeStale = false;
    }
    return this.#free;
  }

  label(key: string): string | undefined {
    return (this.#node as Node).metadata.labels?.[key];
  }

  setNode(node: Node): void {
    this.#node = node;
    this.#exists = true;
    this.name = node.metadata.name;
    this.allocatable = countAllocatable(node);
    this.#free = [];
    this.#isFreeStale = true;
    this.nodeStamp = ++lastStamp;
  }

  /** The node object is gone; its pods are still counted. */
  removeNode(): void {
    this.#exists = false;
    this.nodeStamp = ++lastStamp;
  }

  addPod(pod: PodInfo): void {
    this.pods.push(pod);
    if (hasAffinity(pod)) {
      this.podsWithAffinity.push(pod);
    }
    if (pod.affinity.requiredAntiAffinity.length > 0) {
      this.podsWithRequiredAntiAffinity.push(pod);
    }
    this.#count(pod, 1);
    for (const port of pod.hostPorts) {
      const ips = this.#hostPorts.get(port.protocolPort);
      if (ips === undefined) {
        this.#hostPorts.set(port.protocolPort, new Set([port.ip]));
      } else {
        ips.add(port.ip);
      }
    }
  }

  /** Takes away the pod of this key; false when it is not here. */
  removePod(key: string): boolean {
    const at = this.pods.findIndex((pod) => pod.key === key);
    if (at < 0) {
      return false;
    }
    const pod = this.pods[at] as PodInfo;
    swapOut(this.pods, pod);
    if (hasAffinity(pod)) {
      swapOut(this.podsWithAffinity, pod);
      swapOut(this.podsWithRequiredAntiAffinity, pod);
    }
    this.#count(pod, -1);
    for (const port of pod.hostPorts) {
      this.#hostPorts.get(port.protocolPort)?.delete(port.ip);
    }
    return true;
  }

  /** A newer version of a pod that counts the same: it goes to the end of the lists, as one that leaves and comes back. */
  replacePod(before: PodInfo, after: PodInfo): void {
    renew(this.pods, before, after);
    if (hasAffinity(before)) {
      renew(this.podsWithAffinity, before, after);
      renew(this.podsWithRequiredAntiAffinity, before, after);
    }
    this.podsStamp = ++lastStamp;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    const { requests } = pod;
    this.requested.add(requests, sign);
    this.#isFreeStale = true;
    this.nonZeroMilliCpu += sign * requests.nonZeroMilliCpu;
    this.nonZeroMemory += sign * requests.nonZeroMemory;
    for (const volume of pod.pod.spec.volumes ?? []) {
      // As updatePVCRefCounts: claims made for ephemeral volumes have one user by nature.
      const claim = volume.persistentVolumeClaim?.claimName;
      if (claim !== undefined) {
        const key = `${pod.namespace}/${claim}`;
        const users = (this.claimUsers.get(key) ?? 0) + sign;
        if (users > 0) {
          this.claimUsers.set(key, users);
        } else {
          this.claimUsers.delete(key);
        }
      }
    }
    this.podsStamp = ++lastStamp;
  }

  /** As HostPortInfo.CheckConflict: 0.0.0.0 is every address. */
  hasPortConflict({ ip, protocolPort }: HostPort): boolean {
    const ips = this.#hostPorts.get(protocolPort);
    if (ips === undefined || ips.size === 0) {
      return false;
    }
    return ip === ANY_IP || ips.has(ANY_IP) || ips.has(ip);
  }

  /** A copy to try things on. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.slot);
    copy.#node = this.#node;
    copy.#exists = this.#exists;
    copy.name = this.name;
    copy.allocatable = this.allocatable;
    copy.images = this.images;
    for (const pod of this.pods) {
      copy.addPod(pod);
    }
    return copy;
  }
}

function renew(pods: PodInfo[], before: PodInfo, after: PodInfo): void {
  if (swapOut(pods, before)) {
    pods.push(after);
  }
}

/** Puts the last in the place of this one; false when it is not there. */
function swapOut(pods: PodInfo[], pod: PodInfo): boolean {
  const at = pods.indexOf(pod);
  if (at >= 0) {
    const last = pods.pop() as PodInfo;
    if (at < pods.length) {
      pods[at] = last;
    }
  }
  return at >= 0;
}
