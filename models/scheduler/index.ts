export { createScheduler } from './component.js';
export {
  type ConfigurationMistake,
  type SchedulerConfiguration,
  SchedulerConfigurationError,
  schedulerConfiguration,
} from './config.js';
export type { ExtenderCall, ExtenderReply } from './framework/extender.js';
export type { Plugin } from './framework/plugin.js';
export type { PluginFactory } from './plugins/registry.js';
export type { SchedulerExtras } from './scheduling-loop.js';
export { SCHEDULING, SCORES, VERDICTS } from './timelines.js';
