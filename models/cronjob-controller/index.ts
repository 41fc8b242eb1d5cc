export { createCronJobController } from './component.js';
export {
  type CronJobControllerConfiguration,
  cronJobControllerConfiguration,
  cronJobControllerFlags,
} from './config.js';
