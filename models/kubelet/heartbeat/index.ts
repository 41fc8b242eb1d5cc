export { NodeHeartbeat, type NodeHeartbeatOptions } from './component.js';
export { type HeartbeatConfiguration, type HeartbeatSettings, heartbeatSettings } from './config.js';
export type { NodeFacts, Pressure } from './decisions.js';
export { initialNode, type NodeIdentity } from './registration.js';
