export { createNodeIpamController } from './component.js';
export {
  type NodeIpamControllerConfiguration,
  nodeIpamControllerConfiguration,
  nodeIpamControllerFlags,
} from './config.js';
