export { CloudNodeLifecycleController } from './component.js';
export { cloudNodeLifecycleConfiguration } from './config.js';
