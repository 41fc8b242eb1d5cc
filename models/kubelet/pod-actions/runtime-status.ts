import type { Pod } from '../../api/index.js';

/** State of a container at the runtime (k8s 1.37 pkg/kubelet/container/runtime.go). */
export type RuntimeContainerState = 'created' | 'running' | 'exited' | 'unknown';

export interface RuntimeContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly state: RuntimeContainerState;
  /** Image it was created with; the one field of a container that can change (`HashContainer` takes name and image). */
  readonly image: string | undefined;
  /** Of an exited container. */
  readonly exitCode?: number | undefined;
  /** 'OOMKilled', 'Completed', … */
  readonly reason?: string | undefined;
}

export interface RuntimeSandboxStatus {
  readonly id: string;
  readonly attempt: number;
  readonly isReady: boolean;
  readonly isHostNetwork: boolean;
  readonly hasIP: boolean;
}

/** What the runtime knows of a pod; newest first. */
export interface PodRuntimeStatus {
  readonly sandboxes: readonly RuntimeSandboxStatus[];
  readonly containers: readonly RuntimeContainerStatus[];
}

/** The newest instance of a container. */
export const findContainer = (status: PodRuntimeStatus, name: string): RuntimeContainerStatus | undefined =>
  status.containers.find((container) => container.name === name);

/** The newest instance of a container in the current sandbox; none while the newest sandbox is not ready. */
export function findActiveContainer(status: PodRuntimeStatus, name: string): RuntimeContainerStatus | undefined {
  const sandbox = status.sandboxes[0];
  return sandbox?.isReady
    ? status.containers.find((container) => container.name === name && container.sandboxId === sandbox.id)
    : undefined;
}

/** Whether a regular container was created in the current sandbox (k8s 1.37 HasAnyActiveRegularContainerStarted). */
export const hasAnyActiveRegularContainer = (pod: Pod, status: PodRuntimeStatus): boolean =>
  pod.spec.containers.some(({ name }) => findActiveContainer(status, name) !== undefined);
