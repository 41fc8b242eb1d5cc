import type { Micros } from '../../../engine/index.js';
import { type Filesystem, NO_SPACE } from '../disk/filesystem.js';
import type { World } from '../world.js';
import type { ActiveFaults } from './active-faults.js';
import { NO_ADDRESSES, PodAddresses } from './ip-pool.js';
import type { PodTable } from './pod-table.js';
import type { ServedPorts } from './served-ports.js';
import {
  closed,
  type RuntimePod,
  type RuntimeReply,
  type RuntimeSandbox,
  type SandboxConfig,
  withSandbox,
} from './status.js';

// containerd internal/cri: where the CRI plugin keeps what it knows of sandboxes and containers
export const CRI_ROOT = '/var/lib/containerd/io.containerd.grpc.v1.cri';

export interface SandboxesOptions {
  readonly world: World;
  readonly pods: PodTable;
  /** Where the runtime keeps what it knows. */
  readonly disk: Filesystem;
  readonly served: ServedPorts | undefined;
  readonly faults: ActiveFaults;
  /** Undefined: the network waits until it is told. */
  readonly podCIDR: string | undefined;
  newId(): string;
}

/** Sandboxes of pods on one machine, and the addresses that its network plugin gives them. */
export class Sandboxes {
  readonly #options: SandboxesOptions;
  #addresses: PodAddresses;

  constructor(options: SandboxesOptions) {
    this.#options = options;
    this.#addresses = new PodAddresses(options.podCIDR === undefined ? [] : [options.podCIDR]);
  }

  get isNetworkReady(): boolean {
    return this.#addresses.areThere && !this.#options.faults.isNetworkBroken;
  }

  /** New sandboxes get an address of each of these blocks; those that have some keep them. Answers whether that is news. */
  usePodCIDRs(podCIDRs: readonly string[]): boolean {
    const isNews = !this.#addresses.areOf(podCIDRs);
    this.#addresses = isNews ? new PodAddresses(podCIDRs) : this.#addresses;
    return isNews;
  }

  create(config: SandboxConfig): RuntimeReply<RuntimeSandbox> {
    const { disk, newId, pods, served } = this.#options;
    const { attempt, isHostNetwork, podKey, podUid } = config;
    if (!isHostNetwork && !this.isNetworkReady) {
      return { ok: false, message: 'failed to setup network for sandbox: cni plugin not initialized' };
    }
    if (disk.isFullAt(this.#now)) {
      return {
        ok: false,
        message: `failed to create sandbox root directory: mkdir ${CRI_ROOT}/sandboxes: ${NO_SPACE}`,
      };
    }
    const [ip, ...additionalIps] = isHostNetwork ? NO_ADDRESSES : this.#addresses.take();
    if (ip === undefined && !isHostNetwork) {
      return { ok: false, message: 'failed to setup network for sandbox: no IP addresses available in range set' };
    }
    const hasIP = ip !== undefined;
    const createdAt = this.#now;
    const sandbox = { id: newId(), attempt, isReady: true, isHostNetwork, hasIP, createdAt, ip, additionalIps };
    if (hasIP) {
      served?.give(ip, podUid);
    }
    pods.keepConfig(config);
    pods.replace(withSandbox(pods.get(podUid) ?? { uid: podUid, key: podKey, sandboxes: [], containers: [] }, sandbox));
    return { ok: true, value: sandbox };
  }

  /** Gives its addresses back. */
  close(podUid: string, sandbox: RuntimeSandbox): void {
    const { pods, world } = this.#options;
    if (sandbox.ip !== undefined) {
      this.#addresses.free([sandbox.ip, ...sandbox.additionalIps]);
      world.podNetwork?.takeBack(sandbox.ip);
    }
    pods.replace(withSandbox(pods.get(podUid) as RuntimePod, closed(sandbox)));
  }

  remove(podUid: string, sandboxId: string): void {
    const { pods } = this.#options;
    const pod = pods.get(podUid);
    if (pod !== undefined) {
      pods.replace({ ...pod, sandboxes: pod.sandboxes.filter(({ id }) => id !== sandboxId) });
    }
  }

  get #now(): Micros {
    return this.#options.world.simulation.now;
  }
}
