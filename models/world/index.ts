export type { ContainerBehaviour, ContainerExit, ProbeBehaviour, ProbeKind, UsageCurve } from './behaviour.js';
export { Machine } from './machine.js';
export { Network } from './network.js';
export type { BehaviourOf, RuntimeLevers } from './runtime.js';
export { DEFAULT_WORLD_SETTINGS, type WorldSettings } from './settings.js';
