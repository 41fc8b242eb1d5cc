export { createEndpointSliceController } from './component.js';
export {
  type EndpointSliceControllerConfiguration,
  endpointSliceControllerConfiguration,
  endpointSliceControllerFlags,
} from './config.js';
