import { type Micros, wholeSecond } from '../../../engine/time/micros.js';
import {
  allContainersCouldRestart,
  type Container,
  conditionOf,
  isRestartableInitContainer,
  type Pod,
  type PodCondition,
  type PodPhase,
} from '../../api/index.js';
import { type ContainerStatuses, statusOf } from './phase.js';

export interface PodConditionGates {
  readonly SidecarContainers: boolean;
  readonly PodReadyToStartContainersCondition: boolean;
  readonly PodObservedGenerationTracking: boolean;
  readonly RestartAllContainersOnContainerExits: boolean;
}

/** What the conditions are made from. */
export interface PodConditionInput extends ContainerStatuses {
  /** The pod as the API last showed it. */
  readonly pod: Pod;
  readonly phase: PodPhase;
  /** Conditions of the kubelet's previous status of this pod; those of the API at first. */
  readonly oldConditions: readonly PodCondition[] | undefined;
  /** Why the pod needs a new sandbox; undefined when it has a good one. */
  readonly sandboxProblem: string | undefined;
  /** Containers are being restarted together and not all are gone yet. */
  readonly isRestartingAllContainers: boolean;
}

const OWNED_BY_KUBELET: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodResizeInProgress',
  'PodResizePending',
]);

/**
 * Conditions of a pod's status: those of others as the API shows them, then the kubelet's own, without transition
 * times. As generateAPIPodStatus (k8s 1.37 pkg/kubelet/kubelet_pods.go); leaves out the conditions of in-place
 * resizing.
 */
export function podConditions(input: PodConditionInput, gates: PodConditionGates): readonly PodCondition[] {
  const { pod } = input;
  const conditions = (pod.status?.conditions ?? []).filter(({ type }) => !isOwnedByKubelet(type, gates));
  const disruption = conditionOf(input.oldConditions, 'DisruptionTarget');
  if (disruption !== undefined) {
    const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget');
    conditions.splice(at < 0 ? conditions.length : at, at < 0 ? 0 : 1, disruption);
  }
  const generation = pod.metadata.generation;
  const add = (condition: PodCondition): void => {
    const isTracked = gates.PodObservedGenerationTracking && generation;
    conditions.push(isTracked ? fullCondition(condition, generation, undefined) : condition);
  };
  if (gates.PodReadyToStartContainersCondition) {
    add(readyToStartContainersCondition(input.sandboxProblem));
  }
  add(initializedCondition(input, gates));
  const containersReady = containersReadyCondition(input);
  add(readyCondition(input, conditions, containersReady));
  add(containersReady);
  add({ type: 'PodScheduled', status: 'True' });
  if (gates.RestartAllContainersOnContainerExits && allContainersCouldRestart(pod.spec)) {
    conditions.push(allContainersRestartingCondition(input.phase, input.isRestartingAllContainers));
  }
  return conditions;
}

const isOwnedByKubelet = (type: string, gates: PodConditionGates): boolean =>
  OWNED_BY_KUBELET.has(type) ||
  (type === 'PodReadyToStartContainers' && gates.PodReadyToStartContainersCondition) ||
  (type === 'AllContainersRestarting' && gates.RestartAllContainersOnContainerExits);

const TIMED_BY_KUBELET: ReadonlySet<string> = new Set([
  'ContainersReady',
  'Ready',
  'Initialized',
  'PodReadyToStartContainers',
  'PodScheduled',
  'DisruptionTarget',
  'AllContainersRestarting',
]);

/**
 * The conditions with lastTransitionTime: kept while the status of a condition stays, else `now` (whole seconds).
 * Answers `oldConditions` itself when nothing differs. As updateLastTransitionTime (k8s 1.37
 * pkg/kubelet/status/status_manager.go).
 */
export function withTransitionTimes(
  conditions: readonly PodCondition[],
  oldConditions: readonly PodCondition[] | undefined,
  now: Micros,
): readonly PodCondition[] {
  let isUnchanged = oldConditions?.length === conditions.length;
  const timed = conditions.map((condition, i) => {
    const old = conditionOf(oldConditions, condition.type);
    const time = transitionTime(condition, old, now);
    const next =
      old !== undefined && isSameCondition(condition, old, time)
        ? old
        : fullCondition(condition, condition.observedGeneration, time);
    isUnchanged &&= next === oldConditions?.[i];
    return next;
  });
  return isUnchanged && oldConditions !== undefined ? oldConditions : timed;
}

function transitionTime(condition: PodCondition, old: PodCondition | undefined, now: Micros): Micros | undefined {
  if (!TIMED_BY_KUBELET.has(condition.type)) {
    return condition.lastTransitionTime;
  }
  return old?.status === condition.status ? old.lastTransitionTime : wholeSecond(now);
}

const isSameCondition = (a: PodCondition, b: PodCondition, lastTransitionTime: Micros | undefined): boolean =>
  a.type === b.type &&
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.observedGeneration === b.observedGeneration &&
  a.lastProbeTime === b.lastProbeTime &&
  lastTransitionTime === b.lastTransitionTime;

/** Always all fields in one order, so that every condition is of one kind to the engine. */
const fullCondition = (
  { type, status, reason, message, lastProbeTime }: PodCondition,
  observedGeneration: number | undefined,
  lastTransitionTime: Micros | undefined,
): PodCondition => ({ type, status, observedGeneration, lastProbeTime, lastTransitionTime, reason, message });

/** As GeneratePodReadyToStartContainersCondition (k8s 1.37 pkg/kubelet/status/generate.go). */
const readyToStartContainersCondition = (sandboxProblem: string | undefined): PodCondition =>
  sandboxProblem === undefined
    ? { type: 'PodReadyToStartContainers', status: 'True' }
    : { type: 'PodReadyToStartContainers', status: 'False', reason: 'PodSandboxNotReady', message: sandboxProblem };

/** As GeneratePodInitializedCondition (k8s 1.37 pkg/kubelet/status/generate.go). */
export function initializedCondition(
  input: Pick<PodConditionInput, 'pod' | 'phase' | 'oldConditions' | keyof ContainerStatuses>,
  gates: Pick<PodConditionGates, 'SidecarContainers' | 'RestartAllContainersOnContainerExits'>,
): PodCondition {
  const type = 'Initialized';
  const initContainers = input.pod.spec.initContainers ?? [];
  if (initContainers.length > 0 && isUnknown(input)) {
    return { type, status: 'False', reason: 'UnknownContainerStatuses' };
  }
  const unknown: string[] = [];
  const incomplete: string[] = [];
  for (const container of initContainers) {
    const status = statusOf(input, container.name);
    if (status === undefined) {
      unknown.push(container.name);
    } else if (!(isRestartableInitContainer(container) ? status.started : status.ready)) {
      incomplete.push(container.name);
    }
  }
  if (input.phase === 'Succeeded' && unknown.length === 0) {
    return { type, status: 'True', reason: 'PodCompleted' };
  }
  const message = listOfContainers(unknown, 'incomplete', incomplete);
  // Sidecars may restart, and so may a whole pod: neither takes back what once was initialized.
  const wasInitialized =
    (gates.SidecarContainers && hasAnyRegularContainerStarted(input)) ||
    (gates.RestartAllContainersOnContainerExits && conditionOf(input.oldConditions, type)?.status === 'True');
  return message === '' || wasInitialized
    ? { type, status: 'True' }
    : { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

const hasAnyRegularContainerStarted = (input: { readonly pod: Pod } & ContainerStatuses): boolean =>
  input.pod.spec.containers.some(({ name }) => {
    const state = statusOf(input, name)?.state;
    return state?.running !== undefined || state?.terminated !== undefined;
  });

/** As GenerateContainersReadyCondition (k8s 1.37 pkg/kubelet/status/generate.go). */
export function containersReadyCondition(
  input: Pick<PodConditionInput, 'pod' | 'phase' | keyof ContainerStatuses>,
): PodCondition {
  const type = 'ContainersReady';
  if (isUnknown(input)) {
    return { type, status: 'False', reason: 'UnknownContainerStatuses' };
  }
  const unknown: string[] = [];
  const unready: string[] = [];
  const look = ({ name }: Container): void => {
    const status = statusOf(input, name);
    if (status === undefined) {
      unknown.push(name);
    } else if (!status.ready) {
      unready.push(name);
    }
  };
  input.pod.spec.initContainers?.filter(isRestartableInitContainer).forEach(look);
  input.pod.spec.containers.forEach(look);
  if (input.phase === 'Succeeded' && unknown.length === 0) {
    return { type, status: 'False', reason: 'PodCompleted' };
  }
  // Containers of a failed pod may still be terminating.
  if (input.phase === 'Failed') {
    return { type, status: 'False', reason: 'PodFailed' };
  }
  const message = listOfContainers(unknown, 'unready', unready);
  return message === '' ? { type, status: 'True' } : { type, status: 'False', reason: 'ContainersNotReady', message };
}

/** As GeneratePodReadyCondition (k8s 1.37 pkg/kubelet/status/generate.go); `conditions` hold the readiness gates. */
export function readyCondition(
  input: Pick<PodConditionInput, 'pod' | 'phase' | keyof ContainerStatuses>,
  conditions: readonly PodCondition[] | undefined,
  containersReady: PodCondition = containersReadyCondition(input),
): PodCondition {
  const type = 'Ready';
  if (containersReady.status !== 'True') {
    return { ...containersReady, type };
  }
  const messages: string[] = [];
  for (const { conditionType } of input.pod.spec.readinessGates ?? []) {
    const gate = conditionOf(conditions, conditionType);
    if (gate === undefined) {
      messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    } else if (gate.status !== 'True') {
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
    }
  }
  return messages.length === 0
    ? { type, status: 'True' }
    : { type, status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

/** As GenerateAllContainersRestartingCondition (k8s 1.37 pkg/kubelet/status/generate.go). */
function allContainersRestartingCondition(phase: PodPhase, isRestarting: boolean): PodCondition {
  const type = 'AllContainersRestarting';
  if (phase === 'Succeeded' || phase === 'Failed') {
    return { type, status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' };
  }
  return isRestarting
    ? {
        type,
        status: 'True',
        reason: 'RestartAllContainersStarted',
        message: 'container exited with restart policy rule',
      }
    : { type, status: 'False' };
}

const isUnknown = (statuses: ContainerStatuses): boolean =>
  statuses.containerStatuses === undefined && statuses.initContainerStatuses === undefined;

function listOfContainers(unknown: readonly string[], problem: string, names: readonly string[]): string {
  const messages: string[] = [];
  if (unknown.length > 0) {
    messages.push(`containers with unknown status: [${unknown.join(' ')}]`);
  }
  if (names.length > 0) {
    messages.push(`containers with ${problem} status: [${names.join(' ')}]`);
  }
  return messages.join(', ');
}
