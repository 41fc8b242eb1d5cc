export { createGarbageCollector } from './component.js';
export { type GarbageCollectorConfiguration, garbageCollectorConfiguration, garbageCollectorFlags } from './config.js';
