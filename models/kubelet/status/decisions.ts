import type { Micros } from '../../../engine/time/micros.js';
import { wholeSecond } from '../../../engine/time/micros.js';
import { isSameValue } from '../../api/equality.js';
import {
  allContainersCouldRestart,
  type ContainerStatus,
  conditionOf,
  containerShouldRestart,
  isRestartableInitContainer,
  isStaticPod,
  type Pod,
  type PodCondition,
  type PodStatus,
  type RestartPolicyGates,
} from '../../api/index.js';
import { containersReadyCondition, isTerminalPhase, readyCondition, withTransitionTimes } from '../pod-status/index.js';
import { fullStatus } from './full-status.js';

const BY_KUBELET: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'AllContainersRestarting',
]);

const isByKubelet = ({ type }: PodCondition): boolean => BY_KUBELET.has(type);
const isShared = ({ type }: PodCondition): boolean => type === 'DisruptionTarget';
const isCompared = (condition: PodCondition): boolean => isByKubelet(condition) || isShared(condition);

/** Whether two statuses say the same in all that is the kubelet's to say (isPodStatusByKubeletEqual, k8s 1.37). */
export const isSameKubeletStatus = (a: PodStatus, b: PodStatus): boolean =>
  (a.conditions === b.conditions || areSameConditions(a.conditions ?? [], b.conditions ?? [])) &&
  isSameApartFromConditions(a, b);

function areSameConditions(ours: readonly PodCondition[], theirs: readonly PodCondition[]): boolean {
  let left = 0;
  for (const condition of theirs) {
    left += isCompared(condition) ? 1 : 0;
  }
  for (const condition of ours) {
    if (isCompared(condition)) {
      left--;
      if (!isSameCondition(condition, conditionOf(theirs, condition.type))) {
        return false;
      }
    }
  }
  return left === 0;
}

function isSameApartFromConditions(a: PodStatus, b: PodStatus): boolean {
  for (const field in a) {
    if (field !== 'conditions' && !isSameValue(a[field as keyof PodStatus], b[field as keyof PodStatus])) {
      return false;
    }
  }
  for (const field in b) {
    if (field !== 'conditions' && !(field in a) && !isSameValue(undefined, b[field as keyof PodStatus])) {
      return false;
    }
  }
  return true;
}

/** Times do not count: the same condition may have been seen at another time. */
const isSameCondition = (a: PodCondition, b: PodCondition | undefined): boolean =>
  a.status === b?.status && a.reason === b.reason && a.message === b.message;

/**
 * Whether a container that ended for good would run again by this status: such a status is refused. As
 * checkContainerStateTransition (k8s 1.37 pkg/kubelet/status/status_manager.go).
 */
export function resurrects(pod: Pod, before: PodStatus, after: PodStatus, gates: RestartPolicyGates): boolean {
  if (pod.spec.restartPolicy === 'Always') {
    return false;
  }
  if (gates.RestartAllContainersOnContainerExits && allContainersCouldRestart(pod.spec)) {
    return false;
  }
  const isIllegal = (old: ContainerStatus, list: readonly ContainerStatus[] | undefined, isInit: boolean): boolean => {
    const end = old.state?.terminated;
    const containers = isInit ? pod.spec.initContainers : pod.spec.containers;
    const container = containers?.find(({ name }) => name === old.name);
    if (end === undefined || container === undefined || (isInit && isRestartableInitContainer(container))) {
      return false;
    }
    if (containerShouldRestart(container, pod.spec, end.exitCode, gates)) {
      return false;
    }
    const next = list?.find(({ name }) => name === old.name);
    return next !== undefined && next.state?.terminated === undefined;
  };
  return (
    (before.containerStatuses?.some((old) => isIllegal(old, after.containerStatuses, false)) ?? false) ||
    (before.initContainerStatuses?.some((old) => isIllegal(old, after.initContainerStatuses, true)) ?? false)
  );
}

/**
 * The status as it is written: conditions of others stay as the server has them, and a terminal phase is withheld while
 * containers may still run. As mergePodStatus (k8s 1.37 pkg/kubelet/status/status_manager.go).
 */
export function mergedStatus(
  current: Pod,
  status: PodStatus,
  couldHaveRunningContainers: boolean,
  now: Micros,
): PodStatus {
  const old = current.status ?? {};
  const becomesTerminal = !isTerminalPhase(old.phase) && isTerminalPhase(status.phase);
  const conditions = (old.conditions ?? []).filter((condition) => !isByKubelet(condition));
  for (const condition of status.conditions ?? []) {
    if (isByKubelet(condition)) {
      conditions.push(condition);
    } else if (isShared(condition) && becomesTerminal && !couldHaveRunningContainers) {
      const lastTransitionTime = timeOf(condition, old.conditions, now);
      const at = conditions.findIndex(({ type }) => type === condition.type);
      conditions.splice(at < 0 ? conditions.length : at, at < 0 ? 0 : 1, { ...condition, lastTransitionTime });
    }
  }
  // A list that was pushed to has room for a dozen more; the copy, which every pod keeps, has not.
  const merged: PodStatus = { ...status, conditions: conditions.slice() };
  if (becomesTerminal && couldHaveRunningContainers) {
    return { ...merged, phase: old.phase, reason: old.reason, message: old.message };
  }
  return isTerminalPhase(merged.phase) ? withoutReadiness(current, merged, now) : merged;
}

const timeOf = (condition: PodCondition, old: readonly PodCondition[] | undefined, now: Micros): Micros | undefined => {
  const before = conditionOf(old, condition.type);
  return before?.status === condition.status ? before.lastTransitionTime : wholeSecond(now);
};

/** A pod that has ended is not ready, whatever its conditions said last. */
function withoutReadiness(pod: Pod, status: PodStatus, now: Micros): PodStatus {
  const isTrue = (type: string): boolean => conditionOf(status.conditions, type)?.status === 'True';
  if (!isTrue('Ready') && !isTrue('ContainersReady')) {
    return status;
  }
  const input = { ...status, pod, phase: status.phase as 'Succeeded' | 'Failed' };
  const generation = conditionOf(status.conditions, 'Ready')?.observedGeneration;
  const tracked = generation === undefined ? {} : { observedGeneration: generation };
  const told = [containersReadyCondition(input), readyCondition(input, status.conditions)];
  const changed = status.conditions?.map((condition) => {
    const next = told.find(({ type }) => type === condition.type);
    return next === undefined ? condition : { ...tracked, ...next };
  });
  return { ...status, conditions: withTransitionTimes(changed ?? [], status.conditions, now) };
}

/**
 * The last status of a pod whose worker is done: no container is left in a state that could be taken for running, and the
 * phase is terminal [37]. As TerminatePod (k8s 1.37 pkg/kubelet/status/status_manager.go).
 */
export function terminatedStatus(pod: Pod, status: PodStatus, reachesTerminalPhase: boolean): PodStatus {
  const phase = reachesTerminalPhase && !isStaticPod(pod) && !isTerminalPhase(status.phase) ? 'Failed' : status.phase;
  return {
    ...fullStatus(status),
    containerStatuses: hasPodInitialized(pod) ? status.containerStatuses?.map(ended) : status.containerStatuses,
    initContainerStatuses: status.initContainerStatuses && endedInit(status.initContainerStatuses),
    phase,
  };
}

const ended = (status: ContainerStatus): ContainerStatus =>
  status.state?.terminated !== undefined
    ? status
    : {
        ...status,
        state: {
          terminated: {
            reason: 'ContainerStatusUnknown',
            message: 'The container could not be located when the pod was terminated',
            exitCode: 137,
          },
        },
      };

/** Only init containers up to the last one that was begun can have run (initializedContainers). */
function endedInit(statuses: readonly ContainerStatus[]): readonly ContainerStatus[] {
  const lastBegun = statuses.findLastIndex(
    ({ state, lastState }) => state?.waiting === undefined || lastState?.terminated !== undefined,
  );
  return statuses.map((status, i) => (i <= Math.max(0, lastBegun) ? ended(status) : status));
}

/** Whether regular containers may have run, by what the API last showed (hasPodInitialized, k8s 1.37 status_manager.go). */
function hasPodInitialized({ spec, status }: Pod): boolean {
  const initContainers = spec.initContainers ?? [];
  if (initContainers.length === 0) {
    return true;
  }
  const hasBegun = status?.containerStatuses?.some(
    ({ state, lastState }) => lastState?.terminated !== undefined || state?.waiting === undefined,
  );
  if (hasBegun) {
    return true;
  }
  const last = status?.initContainerStatuses?.at(-1);
  const container = initContainers.find(({ name }) => name === last?.name);
  if (last === undefined || container === undefined) {
    return false;
  }
  return isRestartableInitContainer(container)
    ? last.state?.running !== undefined && last.started === true
    : last.state?.terminated?.exitCode === 0 || last.lastState?.terminated?.exitCode === 0;
}
