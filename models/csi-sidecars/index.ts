export { createCsiSidecars } from './component.js';
export { type CsiSidecarsConfiguration, csiSidecarsConfiguration } from './config.js';
