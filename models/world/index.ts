export type {
  ContainerBehaviour,
  ContainerExit,
  HookBehaviour,
  ProbeBehaviour,
  ProbeKind,
  RequestLoad,
  UsageCurve,
} from './behaviour.js';
export { Cloud, type LoadBalancer } from './cloud.js';
export { type Filesystem, type FilesystemTemplate, NO_SPACE } from './disk/filesystem.js';
export {
  type DiskLayout,
  type DiskTemplate,
  filesystemOf,
  type MachineDisks,
  oneDisk,
} from './disk/machine-disks.js';
export { type EndpointsOf, LoadSharing } from './load-sharing.js';
export { Machine } from './machine.js';
export { Network } from './network.js';
export { type Answer, type PodHost, PodNetwork, type Port } from './pod-network.js';
export { fullImageName, type ImageName, parseImageName } from './registry/image-name.js';
export { type ImageDescription, type OutageKind, Registry } from './registry/registry.js';
export { ContainerRuntime, type ContainerRuntimeOptions } from './runtime/container-runtime.js';
export type { StoredImage } from './runtime/image-store.js';
export type { BehaviourOf, RuntimeLevers } from './runtime/levers.js';
export type { MachineMemory } from './runtime/machine-memory.js';
export type { ContainerFiles, MachineUsage, VolumeFiles } from './runtime/machine-usage.js';
export type { ProbeTarget } from './runtime/probe-target.js';
export type { Run } from './runtime/run-log.js';
export type {
  ContainerConfig,
  RuntimeContainer,
  RuntimeListener,
  RuntimePod,
  RuntimeReply,
  RuntimeSandbox,
  SandboxConfig,
} from './runtime/status.js';
export { DEFAULT_WORLD_SETTINGS, type WorldSettings } from './settings.js';
export { StateLog } from './state-log.js';
export type { Need, Onlooker, Surroundings } from './surroundings.js';
export { firstReaching, type Usage, usageAt, usageFrom } from './usage-curve.js';
export { World, type WorldOptions } from './world.js';
