export { createJobController } from './component.js';
export {
  type JobControllerConfiguration,
  jobControllerConfiguration,
  jobControllerFlags,
  type TtlAfterFinishedConfiguration,
  ttlAfterFinishedConfiguration,
} from './config.js';
export { createTtlAfterFinishedController } from './ttl-after-finished.js';
