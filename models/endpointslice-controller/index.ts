export { createEndpointSliceController } from './component.js';
export {
  type EndpointSliceControllerConfiguration,
  endpointSliceControllerConfiguration,
  endpointSliceControllerFlags,
  endpointsControllerConfiguration,
  mirroringControllerConfiguration,
} from './config.js';
export { createEndpointsController } from './legacy/component.js';
export { createEndpointSliceMirroringController } from './mirroring/component.js';
