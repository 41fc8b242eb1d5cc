export { AddressBlock, familyOf, type IpFamily } from './address-block.js';
export { aggregatedRules } from './cluster-role.js';
export { type ConditionLike, conditionOf, withCondition } from './conditions.js';
export {
  byRevisionNumber,
  isSameRevisionData,
  newControllerRevision,
  POD_REVISION_LABEL,
  type RevisionDraft,
  templateOf,
  type UpdateRevision,
  updateRevisionOf,
} from './controller-revision.js';
export { type CronFields, isTimeZone, readCronExpression } from './cron-expression.js';
export { type Decoded, type DecodeOptions, decode, listItems } from './decode/decode.js';
export { encode } from './decode/encode.js';
export { describeValue, type FieldPath, type Mistake } from './decode/mistake.js';
export { ApiSchema, type FieldType } from './decode/schema.js';
export { asWritten, emptyObject, redecoded, typeOfObject } from './decode/written.js';
export { compareByProgress, compareByRestarts } from './deletion-order.js';
export { coversPod } from './disruption-budget.js';
export * from './generated/types.js';
export { scaledIntOrPercent } from './int-or-string.js';
export { LAST_APPLIED, lastAppliedOf, lastAppliedText, withLastApplied } from './last-applied.js';
export { isNodeReady } from './node.js';
export { matchesNodeSelector, matchesNodeSelectorTerm, matchesRequiredNodeAffinity } from './node-selector.js';
export { type AnyObject, controllerOf, isKind, type Kind, type KubeObject, keyFor, keyOf, splitKey } from './object.js';
export { type Claims, claim, controllerReference } from './ownership.js';
export { nodeParty, type Party } from './party.js';
export {
  allContainers,
  availableFrom,
  containerStatusOf,
  isBeingDeleted,
  isDaemonSetPod,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  isPodTerminating,
  type PodPhase,
  podCondition,
} from './pod.js';
export {
  cachedByResources,
  computeQosClass,
  limitsOfPod,
  oomScoreAdjust,
  type PodResourcesOptions,
  podLimits,
  podRequests,
  type QosClass,
  qosClassOf,
  requestsOfPod,
} from './pod-resources.js';
export { isCriticalPod, isMirrorPod, isStaticPod, SYSTEM_CRITICAL_PRIORITY } from './pod-source.js';
export {
  computeHash,
  isSameTemplate,
  POD_TEMPLATE_HASH_LABEL,
  type PodDraft,
  podFromTemplate,
} from './pod-template.js';
export {
  type Amount,
  addQuantities,
  amountOf,
  approximateFloat,
  compareQuantities,
  formatAmount,
  milliValueOf,
  parseQuantity,
  type QuantityFormat,
  subtractQuantities,
  valueOf,
} from './quantity.js';
export {
  computeUsage,
  isCharged,
  isInQuotaScope,
  KINDS_IN_QUOTAS,
  podUsage,
  quotaResourcesOf,
  totalUsage,
  usageOf,
} from './quota.js';
export { type ResourceList, ResourceSum } from './resource-list.js';
export { isExtendedResource } from './resource-names.js';
export { resourceRequest } from './resource-request.js';
export {
  allContainersCouldRestart,
  asksToRestartAllContainers,
  containerShouldRestart,
  isRestartableInitContainer,
  matchingRestartRule,
  type RestartPolicyGates,
} from './restart-policy.js';
export { fieldRefusal, selectableField } from './selectable-fields.js';
export {
  type Labels,
  matchesAll,
  matchesFields,
  matchesLabelSelector,
  matchesRequirement,
  matchesSet,
  parseFieldSelector,
  parseLabelSelector,
  type Requirement,
  requirementsOf,
  type SelectorOperator,
} from './selector.js';
export { semanticallyEqual } from './semantic-equal.js';
export {
  firstUntoleratedTaint,
  hasTaint,
  isSameTaint,
  isTolerated,
  matchingTolerations,
  minTolerationSeconds,
  type TaintEffect,
  tolerates,
} from './taint.js';
export { zoneKeyOf } from './topology.js';
export {
  claimKeysOf,
  claimNameOf,
  defaultStorageClassOf,
  findMatchingVolume,
  hasSameAttributesClass,
  hasSameVolumeMode,
  isFullyBound,
  isVolumeReachable,
  offersAccessModes,
  refersToClaim,
  requestedStorage,
  storageCapacity,
  storageClassOf,
  VOLUME_ANNOTATIONS,
  type VolumeSearch,
  volumeBoundTo,
} from './volumes.js';
export { withoutZeros } from './zeros.js';
