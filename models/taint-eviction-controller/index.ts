export { TaintEvictionController, type TaintEvictionControllerOptions } from './component.js';
export { type TaintEvictionConfiguration, taintEvictionConfiguration, taintEvictionFlags } from './config.js';
export { EVICTIONS, type TaintEviction } from './timelines.js';
