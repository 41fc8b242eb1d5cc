export { hooksFor } from './admission/index.js';
export { BOOTSTRAP_CLUSTER_ROLE_BINDINGS, BOOTSTRAP_CLUSTER_ROLES } from './authorization/bootstrap-policy.js';
export {
  authorize,
  type Decision,
  type RbacPolicy,
  type RequestAttributes,
  type UserInfo,
  withAggregatedRoles,
} from './authorization/rbac.js';
export { type ApiServer, type ApiServerOptions, createApiServer } from './component.js';
export { type AdmissionReader, type Admitted, type Hooks, type KindHooks, rememberedBy } from './hooks.js';
export { unionOfFields } from './managed-fields/field-set.js';
export { SYSTEM_NAMESPACES } from './namespaces.js';
export type { PodWebhook } from './pod-webhooks.js';
export { ALLOCATION } from './timelines/allocation.js';
export { CONTAINERS } from './timelines/containers.js';
export { ENDPOINTS } from './timelines/endpoints.js';
export { EVENTS } from './timelines/events.js';
export { LEASES } from './timelines/leases.js';
export { NODES } from './timelines/nodes.js';
export { PODS } from './timelines/pods.js';
export { OBJECT_TIMELINES } from './timelines.js';
