import type { Kinds, PodTemplate } from '../generated/types.js';
import { SERVED_KINDS } from '../generated/types.js';
import type { AnyObject, Kind } from '../object.js';
import { validateAutoscaler, validateAutoscalerUpdate } from './autoscaling.js';
import { validateLease, validateLeaseUpdate } from './coordination.js';
import {
  validateConfigMap,
  validateConfigMapUpdate,
  validateNamespace,
  validateNode,
  validateNodeUpdate,
  validateSecret,
  validateSecretUpdate,
  validateServiceAccount,
} from './core.js';
import { validateCronJob, validateCronJobUpdate } from './cron-job.js';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './discovery.js';
import { type FieldCause, FieldErrors, FieldPath } from './field-errors.js';
import type { ValidationGates } from './gates.js';
import { validateJob, validateJobUpdate } from './job.js';
import { validateLimitRange, validateResourceQuota, validateResourceQuotaUpdate } from './limits.js';
import { validateObjectMeta, validateObjectMetaUpdate } from './meta.js';
import { isDnsSubdomain, isPathSegment } from './names.js';
import {
  validateIngress,
  validateIngressUpdate,
  validateNetworkPolicy,
  validateNetworkPolicyUpdate,
} from './networking.js';
import { validatePodCreate, validatePodTemplate, validatePodUpdate } from './pod.js';
import { validateDisruptionBudget, validatePriorityClass, validatePriorityClassUpdate } from './policy.js';
import { validateService } from './service.js';
import { validateServiceUpdate } from './service-update.js';
import { validateStatefulSet, validateStatefulSetUpdate } from './stateful-set.js';
import {
  validateClaim,
  validateClaimUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from './storage.js';
import {
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateReplicationController,
  validateReplicationControllerUpdate,
} from './workloads.js';

export type { FieldCause } from './field-errors.js';
export type { ValidationGates } from './gates.js';

/** What is wrong with an object; nothing when it may be stored. */
export interface Validation {
  create(kind: Kind, object: AnyObject): readonly FieldCause[];
  update(kind: Kind, object: AnyObject, before: AnyObject): readonly FieldCause[];
}

interface Rules<T> {
  readonly create: (object: T, gates: ValidationGates, errors: FieldErrors) => void;
  readonly update: (object: T, before: T, gates: ValidationGates, errors: FieldErrors) => void;
}

/** Rules that no feature gate touches. */
const ungated = <T extends AnyObject>(
  create: (object: T, errors: FieldErrors) => void,
  update: (object: T, before: T, errors: FieldErrors) => void = updateAsCreate(create),
): Rules<T> => ({
  create: (object, _gates, errors) => create(object, errors),
  update: (object, before, _gates, errors) => update(object, before, errors),
});

const updateAsCreate =
  <T extends AnyObject>(create: (object: T, errors: FieldErrors) => void) =>
  (object: T, _before: T, errors: FieldErrors): void => {
    validateObjectMetaUpdate(object.metadata, errors);
    create(object, errors);
  };

const RULES: { readonly [K in Kind]?: Rules<Kinds[K]> } = {
  ConfigMap: ungated(validateConfigMap, validateConfigMapUpdate),
  CronJob: { create: validateCronJob, update: validateCronJobUpdate },
  DaemonSet: { create: validateDaemonSet, update: validateDaemonSetUpdate },
  Deployment: { create: validateDeployment, update: validateDeploymentUpdate },
  EndpointSlice: ungated(validateEndpointSlice, validateEndpointSliceUpdate),
  HorizontalPodAutoscaler: { create: validateAutoscaler, update: validateAutoscalerUpdate },
  Ingress: {
    create: validateIngress,
    update: (ingress, _before, gates, errors) => validateIngressUpdate(ingress, gates, errors),
  },
  Job: { create: validateJob, update: validateJobUpdate },
  Lease: ungated(validateLease, (lease, _before, errors) => validateLeaseUpdate(lease, errors)),
  LimitRange: ungated(validateLimitRange),
  Namespace: ungated(validateNamespace, (namespace, _before, errors) =>
    validateObjectMetaUpdate(namespace.metadata, errors),
  ),
  NetworkPolicy: ungated(validateNetworkPolicy, (policy, _before, errors) =>
    validateNetworkPolicyUpdate(policy, errors),
  ),
  Node: ungated(validateNode, validateNodeUpdate),
  PersistentVolume: ungated(validateVolume, validateVolumeUpdate),
  PersistentVolumeClaim: ungated(validateClaim, validateClaimUpdate),
  Pod: { create: validatePodCreate, update: validatePodUpdate },
  PodDisruptionBudget: ungated(validateDisruptionBudget, (budget, _before, errors) =>
    validateDisruptionBudget(budget, errors),
  ),
  PodTemplate: {
    create: createPodTemplate,
    update: (object, _before, gates, errors) => createPodTemplate(object, gates, errors),
  },
  PriorityClass: ungated(validatePriorityClass, validatePriorityClassUpdate),
  ReplicaSet: { create: validateReplicaSet, update: validateReplicaSetUpdate },
  ReplicationController: {
    create: validateReplicationController,
    update: (controller, _before, gates, errors) => validateReplicationControllerUpdate(controller, gates, errors),
  },
  ResourceQuota: ungated(validateResourceQuota, validateResourceQuotaUpdate),
  Secret: ungated(validateSecret, validateSecretUpdate),
  Service: { create: validateService, update: validateServiceUpdate },
  ServiceAccount: ungated(validateServiceAccount),
  StatefulSet: { create: validateStatefulSet, update: validateStatefulSetUpdate },
  StorageClass: ungated(validateStorageClass, validateStorageClassUpdate),
};

function createPodTemplate({ metadata, template }: PodTemplate, gates: ValidationGates, errors: FieldErrors): void {
  validateObjectMeta(metadata, { isNamespaced: true, name: isDnsSubdomain }, errors);
  validatePodTemplate(template ?? {}, gates, FieldPath.of('template'), errors);
}

/** Kinds whose rules leave the metadata to the rules for any object. */
const WITHOUT_METADATA_RULES: readonly Kind[] = ['PodDisruptionBudget'];
const checksMetadata = (kind: Kind): boolean => RULES[kind] !== undefined && !WITHOUT_METADATA_RULES.includes(kind);

/**
 * Looks at objects as the API server does before it stores them, after defaulting and preparation: the rules of a kind, or else, and if
 * they let it pass, those for the metadata of any object (k8s.io/apiserver pkg/registry/rest BeforeCreate).
 */
export const validationWith = (gates: ValidationGates): Validation => ({
  create(kind, object) {
    const errors = new FieldErrors();
    (RULES[kind] as Rules<AnyObject> | undefined)?.create(object, gates, errors);
    if (errors.causes.length === 0 && !checksMetadata(kind)) {
      validateObjectMeta(object.metadata, { isNamespaced: SERVED_KINDS[kind].namespaced, name: isPathSegment }, errors);
    }
    return errors.causes;
  },
  update(kind, object, before) {
    const errors = new FieldErrors();
    (RULES[kind] as Rules<AnyObject> | undefined)?.update(object, before, gates, errors);
    if (errors.causes.length === 0 && !checksMetadata(kind)) {
      validateObjectMetaUpdate(object.metadata, errors);
    }
    return errors.causes;
  },
});
