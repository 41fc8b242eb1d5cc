export { createResourceQuotaController } from './component.js';
export {
  type ResourceQuotaControllerConfiguration,
  resourceQuotaControllerConfiguration,
  resourceQuotaControllerFlags,
} from './config.js';
