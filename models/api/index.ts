export { type ConditionLike, conditionOf, withCondition } from './conditions.js';
export * from './generated/types.js';
export { type AnyObject, controllerOf, isKind, type Kind, type KubeObject, keyFor, keyOf, splitKey } from './object.js';
export { nodeParty, type Party } from './party.js';
export { isCriticalPod, isMirrorPod, isStaticPod, SYSTEM_CRITICAL_PRIORITY } from './pod-source.js';
export {
  allContainersCouldRestart,
  asksToRestartAllContainers,
  containerShouldRestart,
  isRestartableInitContainer,
  matchingRestartRule,
  type RestartPolicyGates,
} from './restart-policy.js';
