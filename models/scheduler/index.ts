export { createScheduler } from './component.js';
export { type SchedulerConfiguration, schedulerConfiguration } from './config.js';
export { SCHEDULING, SCORES, VERDICTS } from './timelines.js';
