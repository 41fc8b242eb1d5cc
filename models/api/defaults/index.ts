import type { Kinds } from '../generated/types.js';
import type { Kind } from '../object.js';
import { defaultHorizontalPodAutoscaler } from './autoscaling.js';
import { defaultCronJob, defaultJob, prepareJobForCreate } from './batch.js';
import {
  defaultEndpointSlice,
  defaultEndpoints,
  defaultLimitRange,
  defaultNamespace,
  defaultNetworkPolicy,
  defaultNode,
  defaultPriorityClass,
  defaultResourceQuota,
  defaultSecret,
  defaultService,
  prepareNodeForCreate,
} from './core.js';
import type { DefaultingGates } from './gates.js';
import { defaultPod, preparePodForCreate } from './pod.js';
import { defaultClaim, defaultStorageClass, defaultVolume } from './storage.js';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
  defaultTemplate,
  prepareDaemonSetForCreate,
} from './workloads.js';

export type { DefaultingGates } from './gates.js';
export { defaultPod } from './pod.js';

/** What is done to an object of a kind; kinds that are absent stay as they are. */
export type Changes = { readonly [K in Kind]?: (object: Kinds[K]) => Kinds[K] };

/**
 * Fills an object up as the API server does when it decodes one (SetDefaults_* of pkg/apis). Filling up twice changes nothing;
 * parts that need nothing are shared with the object, and a filled part answers itself, so pods of a template cost a look-up.
 */
export const defaultingWith = (gates: DefaultingGates): Changes => ({
  CronJob: (object) => defaultCronJob(object, gates),
  DaemonSet: (object) => defaultDaemonSet(object, gates),
  Deployment: (object) => defaultDeployment(object, gates),
  EndpointSlice: defaultEndpointSlice,
  Endpoints: defaultEndpoints,
  HorizontalPodAutoscaler: defaultHorizontalPodAutoscaler,
  Job: (object) => defaultJob(object, gates),
  LimitRange: defaultLimitRange,
  Namespace: defaultNamespace,
  NetworkPolicy: defaultNetworkPolicy,
  Node: defaultNode,
  PersistentVolume: defaultVolume,
  PersistentVolumeClaim: defaultClaim,
  Pod: defaultPod,
  PodTemplate: (object) => ({
    ...object,
    ...(object.template && { template: defaultTemplate(object.template, gates) }),
  }),
  PriorityClass: defaultPriorityClass,
  ReplicaSet: (object) => defaultReplicaSet(object, gates),
  ReplicationController: (object) => defaultReplicationController(object, gates),
  ResourceQuota: defaultResourceQuota,
  Secret: defaultSecret,
  Service: defaultService,
  StatefulSet: (object) => defaultStatefulSet(object, gates),
  StorageClass: defaultStorageClass,
});

/**
 * What a kind's strategy adds when an object is created (PrepareForCreate of pkg/registry), after the metadata every object gets:
 * name and uid must be there.
 */
export const preparationWith = (gates: DefaultingGates): Changes => ({
  DaemonSet: prepareDaemonSetForCreate,
  Job: (object) => prepareJobForCreate(object, gates),
  Node: prepareNodeForCreate,
  Pod: (object) => preparePodForCreate(object, gates),
});
