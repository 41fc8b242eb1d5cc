export type { NodeGroup } from './cloud.js';
export { ClusterAutoscaler, type ClusterAutoscalerOptions } from './component.js';
export {
  type ClusterAutoscalerConfiguration,
  clusterAutoscalerConfiguration,
  clusterAutoscalerFlags,
} from './config.js';
export { NODE_SCALING } from './timelines.js';
