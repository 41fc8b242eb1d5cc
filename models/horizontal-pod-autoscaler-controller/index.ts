export { createHorizontalPodAutoscalerController } from './component.js';
export {
  type HorizontalPodAutoscalerControllerConfiguration,
  horizontalPodAutoscalerConfiguration,
  horizontalPodAutoscalerFlags,
} from './config.js';
export { AUTOSCALING } from './timelines.js';
