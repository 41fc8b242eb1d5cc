export { createStatefulSetController } from './component.js';
export {
  type StatefulSetControllerConfiguration,
  statefulSetControllerConfiguration,
  statefulSetControllerFlags,
} from './config.js';
