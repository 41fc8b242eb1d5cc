export type { PodPhase } from '../../api/index.js';
export {
  containersReadyCondition,
  initializedCondition,
  type PodConditionGates,
  type PodConditionInput,
  podConditions,
  readyCondition,
  withTransitionTimes,
} from './conditions.js';
export {
  type ContainerStatuses,
  isTerminalPhase,
  type PodPhaseGates,
  type PodProgress,
  podPhase,
} from './phase.js';
