export { createNamespaceController } from './component.js';
export {
  type NamespaceControllerConfiguration,
  namespaceControllerConfiguration,
  namespaceControllerFlags,
} from './config.js';
