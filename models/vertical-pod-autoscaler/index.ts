export { createVerticalPodAutoscaler } from './component.js';
export { type VerticalPodAutoscalerConfiguration, verticalPodAutoscalerConfiguration } from './config.js';
export { RECOMMENDATIONS } from './timelines.js';
export { recommendedPod } from './webhook.js';
