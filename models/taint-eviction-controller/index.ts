export { TaintEvictionController, type TaintEvictionControllerOptions } from './component.js';
export { type TaintEvictionConfiguration, taintEvictionConfiguration } from './config.js';
export { EVICTIONS, type TaintEviction } from './timelines.js';
