export { type ConditionLike, conditionOf, withCondition } from './conditions.js';
export * from './generated/types.js';
export { type AnyObject, controllerOf, isKind, type Kind, type KubeObject, keyFor, keyOf, splitKey } from './object.js';
export { nodeParty, type Party } from './party.js';
