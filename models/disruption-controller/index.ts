export { createDisruptionController } from './component.js';
export {
  type DisruptionControllerConfiguration,
  disruptionControllerConfiguration,
  disruptionControllerFlags,
} from './config.js';
