export { createReplicaSetController } from './component.js';
export {
  type ReplicaSetControllerConfiguration,
  replicaSetControllerConfiguration,
  replicaSetControllerFlags,
} from './config.js';
