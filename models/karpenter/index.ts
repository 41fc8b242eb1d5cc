export type { InstanceType, Launch } from './cloud.js';
export { Karpenter, type KarpenterOptions } from './component.js';
export { type KarpenterConfiguration, karpenterConfiguration, karpenterFlags } from './config.js';
export { NODE_CLAIMS } from './timelines.js';
