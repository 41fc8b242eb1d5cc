export { createScheduler } from './component.js';
export {
  type ConfigurationMistake,
  type SchedulerConfiguration,
  SchedulerConfigurationError,
  schedulerConfiguration,
} from './config.js';
export type { ExtenderCall, ExtenderReply } from './framework/extender.js';
export type { NodeInfo } from './framework/node-info.js';
export type { ExtensionPoint, Plugin, PreFilterResult } from './framework/plugin.js';
export type { PodInfo } from './framework/pod-info.js';
export type { Snapshot } from './framework/snapshot.js';
export type { Status } from './framework/status.js';
export type { WaitingPod } from './framework/waiting-pods.js';
export type { Handle } from './plugins/handle.js';
export { pluginMistake, type SchedulerPlugin, SchedulerPluginError } from './plugins/user-plugin.js';
export type { SchedulerExtras } from './scheduling-loop.js';
export { SCHEDULING, SCORES, VERDICTS } from './timelines.js';
export { WhatIf, whatIfs } from './what-if.js';
