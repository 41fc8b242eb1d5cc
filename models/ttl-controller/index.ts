export { createTtlController } from './component.js';
export { type TtlControllerConfiguration, ttlControllerConfiguration } from './config.js';
