import type { ObjectKey } from '../../../engine/store/store.js';
import type { Micros } from '../../../engine/time/micros.js';
import type { Port } from '../pod-network.js';

/**
 * What the runtime knows of one container; replaced, never changed, when its state changes. Every field is there from the
 * beginning: adding one to a copy would make the engine think of each copy as a kind of its own, and slow down all that reads it.
 */
export interface RuntimeContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** As the container's spec says it. */
  readonly image: string;
  /** The image that was pulled, by digest. */
  readonly imageRef: string;
  /** How often this container of the pod had been started before. */
  readonly restartCount: number;
  readonly state: 'created' | 'running' | 'exited';
  readonly createdAt: Micros;
  readonly startedAt: Micros | undefined;
  readonly finishedAt: Micros | undefined;
  readonly exitCode: number | undefined;
  /** 'Completed', 'Error', 'OOMKilled', 'Unknown' …: the runtime's word, not the kubelet's. */
  readonly reason: string | undefined;
}

/** A pod's network and its pause process. */
export interface RuntimeSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly isReady: boolean;
  readonly isHostNetwork: boolean;
  readonly hasIP: boolean;
  readonly createdAt: Micros;
  /** Undefined on the node's own network. */
  readonly ip: string | undefined;
  /** Of other families. */
  readonly additionalIps: readonly string[];
}

/** All the runtime holds of a pod: replaced whenever any of it changes, so identity tells whether it did. */
export interface RuntimePod {
  readonly uid: string;
  readonly key: ObjectKey;
  /** Newest first. */
  readonly sandboxes: readonly RuntimeSandbox[];
  /** Newest first. */
  readonly containers: readonly RuntimeContainer[];
}

/** How a call of the runtime ends. */
export type RuntimeReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** What the kubelet asks for when it creates a sandbox (CRI PodSandboxConfig). */
export interface SandboxConfig {
  readonly podUid: string;
  readonly podKey: ObjectKey;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  readonly attempt: number;
  readonly isHostNetwork: boolean;
}

/** What the kubelet asks for when it creates a container (CRI ContainerConfig). */
export interface ContainerConfig {
  readonly name: string;
  readonly image: string;
  readonly imageRef: string;
  readonly restartCount: number;
  /** An init container that is to end before the next may start. */
  readonly isInit: boolean;
  /** Bytes; undefined without a limit. */
  readonly memoryLimit: number | undefined;
  /** Cores; undefined without a limit. */
  readonly cpuLimit?: number | undefined;
  readonly oomScoreAdj: number;
  /** emptyDir volumes of its pod, by name, and where they are. */
  readonly emptyDirs: { readonly [volume: string]: 'disk' | 'memory' } | undefined;
  /** Bytes at which the kubelet's rotation keeps its logs, and how many processes it may have. */
  readonly logLimit: number;
  readonly processLimit: number;
  /** Ports that its spec says it serves. */
  readonly ports?: readonly Port[];
}

/** What whoever watches a runtime hears at once; everything else it finds out by asking. */
export interface RuntimeListener {
  /** Something of the pod that a list of containers would show has changed. */
  podChanged(podUid: string): void;
  /** Probes of a running container will answer differently from what was foretold. */
  answersChanged(podUid: string, containerId: string): void;
  /** The use of memory, disks or processes will develop differently from what was foretold. */
  usageChanged(): void;
  /** The runtime's own status changed: whether it answers, whether its network is ready. */
  runtimeChanged(): void;
  /** An image came or went. */
  imagesChanged(): void;
  /** The last container with this image was removed; the first of them was made at `since`. */
  imageReleased(name: string, since: Micros): void;
}

export const findById = (pod: RuntimePod | undefined, containerId: string): RuntimeContainer | undefined =>
  pod?.containers.find(({ id }) => id === containerId);

/** The pod with this container put in the place of the one of its id, or before all others. */
export function withContainer(pod: RuntimePod, container: RuntimeContainer): RuntimePod {
  const at = pod.containers.findIndex(({ id }) => id === container.id);
  return { ...pod, containers: at < 0 ? [container, ...pod.containers] : pod.containers.with(at, container) };
}

/** The pod with this sandbox put in the place of the one of its id, or before all others. */
export function withSandbox(pod: RuntimePod, sandbox: RuntimeSandbox): RuntimePod {
  const at = pod.sandboxes.findIndex(({ id }) => id === sandbox.id);
  return { ...pod, sandboxes: at < 0 ? [sandbox, ...pod.sandboxes] : pod.sandboxes.with(at, sandbox) };
}

/** Its network is gone. */
export const closed = (sandbox: RuntimeSandbox): RuntimeSandbox => ({
  ...sandbox,
  isReady: false,
  hasIP: false,
  ip: undefined,
  additionalIps: [],
});
