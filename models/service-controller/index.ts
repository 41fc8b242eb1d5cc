export { createServiceController } from './component.js';
export { type ServiceControllerConfiguration, serviceControllerConfiguration } from './config.js';
