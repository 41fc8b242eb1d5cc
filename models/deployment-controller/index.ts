export { createDeploymentController } from './component.js';
export {
  type DeploymentControllerConfiguration,
  deploymentControllerConfiguration,
  deploymentControllerFlags,
} from './config.js';
export { type Rollback, rollbackPatch } from './rollback-patch.js';
