export { createDaemonSetController } from './component.js';
export {
  type DaemonSetControllerConfiguration,
  daemonSetControllerConfiguration,
  daemonSetControllerFlags,
} from './config.js';
