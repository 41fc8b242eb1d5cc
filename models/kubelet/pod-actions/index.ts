export type {
  ContainerToKill,
  ContainerToReset,
  KillReason,
  PodActions,
  PodActionsGates,
  ProbeResult,
  ProbeResults,
} from './actions.js';
export { computePodActions, podSandboxChange, type SandboxChange } from './decisions.js';
export { allContainersRestartCleanedUp, shouldAllContainersRestart, shouldContainerBeRestarted } from './restart.js';
export {
  hasAnyActiveRegularContainer,
  type PodRuntimeStatus,
  type RuntimeContainerState,
  type RuntimeContainerStatus,
  type RuntimeSandboxStatus,
} from './runtime-status.js';
