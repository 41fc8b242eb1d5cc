export { createScheduler } from './component.js';
export {
  type ConfigurationMistake,
  type SchedulerConfiguration,
  SchedulerConfigurationError,
  schedulerConfiguration,
} from './config.js';
export { SCHEDULING, SCORES, VERDICTS } from './timelines.js';
