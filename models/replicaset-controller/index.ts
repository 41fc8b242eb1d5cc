export { createReplicaSetController, createReplicationControllerController } from './component.js';
export {
  type ReplicaSetControllerConfiguration,
  replicaSetControllerConfiguration,
  replicaSetControllerFlags,
  replicationControllerConfiguration,
  replicationControllerFlags,
} from './config.js';
