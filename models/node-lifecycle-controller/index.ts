export { NodeLifecycleController, type NodeLifecycleControllerOptions } from './component.js';
export { type NodeLifecycleConfiguration, nodeLifecycleConfiguration, nodeLifecycleFlags } from './config.js';
export { DETECTION, type DetectionMark, type Mark, ZONES, type ZoneChange } from './timelines.js';
