import type { RestartPolicyGates } from '../../api/index.js';
import type { RuntimeContainerStatus } from './runtime-status.js';

export interface PodActionsGates extends RestartPolicyGates {
  readonly SidecarContainers: boolean;
}

export type ProbeResult = 'Success' | 'Failure' | 'Unknown';

/** Last published results of probe workers, by container id. */
export interface ProbeResults {
  liveness(containerId: string): ProbeResult | undefined;
  startup(containerId: string): ProbeResult | undefined;
}

export type KillReason = 'LivenessProbe' | 'StartupProbe' | 'Unknown';

export interface ContainerToKill {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  /** Undefined when the container's definition changed. */
  readonly reason: KillReason | undefined;
}

export interface ContainerToReset {
  readonly id: string;
  readonly name: string;
  /** It still runs, and is killed without grace before it is removed. */
  readonly kill: boolean;
}

/** What one sync of a pod is to do at the runtime; containers to start are indexes into the spec's lists. */
export interface PodActions {
  /** Stop every container and the sandbox. */
  killPod: boolean;
  createSandbox: boolean;
  /** Attempt number of the sandbox in use or to be created. */
  attempt: number;
  /** The sandbox to be replaced or in use; undefined for the first. */
  sandboxId: string | undefined;
  initContainersToStart: number[];
  containersToStart: number[];
  ephemeralContainersToStart: number[];
  containersToKill: ContainerToKill[];
  /** For RestartAllContainers: to be killed and removed in this order, those that asked for it last. */
  containersToReset: ContainerToReset[];
}

export const killUnknown = (
  what: 'Container' | 'Init container',
  { id, name }: RuntimeContainerStatus,
): ContainerToKill => ({
  id,
  name,
  message: `${what} is in "unknown" state, try killing it before restart`,
  reason: 'Unknown',
});
