import { isCriticalPod, isTolerated, type Node, type Pod, qosClassOf } from '../../api/index.js';
import { isInsufficientResource, type PredicateFailure, predicateFailures } from './predicates.js';
import { podsToPreempt } from './preemption.js';

export interface AdmissionSettings {
  /** [37] An untolerated NoExecute taint is a reason to refuse, except for static pods. */
  readonly checksNoExecuteTaints: boolean;
  /** [37] A pod that fails by node affinity alone is looked at again with the live node. */
  readonly rechecksAffinityWithLiveNode: boolean;
  /** [37] The operating system is looked at before the predicates, else after them. */
  readonly checksOperatingSystemFirst: boolean;
  /** [37] Messages of failed predicates say what failed. */
  readonly predicateMessagesSayWhy: boolean;
  /** Begins status.message of a refused pod. */
  readonly rejectionMessagePrefix: string;
}

/** What is seen when a pod is added. */
export interface AdmissionView {
  readonly pod: Pod;
  /** As the kubelet's informer has it, or live in a second look. */
  readonly node: Node;
  /** Admitted pods that may still use resources: terminating ones count, rejected and finished ones do not. */
  readonly otherPods: readonly Pod[];
  /** Pressure conditions that the eviction manager holds. */
  readonly pressure: readonly string[];
  /** Graceful node shutdown has begun. */
  readonly isShuttingDown: boolean;
}

export type Admission =
  /** Room must be made first by killing these pods (status Failed, reason Preempting). */
  | { readonly admit: true; readonly preempts: readonly Pod[] }
  | {
      readonly admit: false;
      readonly reason: string;
      readonly message: string;
      /** [37] Before this counts, `admit` is to be asked once more with the node as the API server has it now. */
      readonly askAgainWithLiveNode?: boolean;
    };

const ADMITTED: Admission = { admit: true, preempts: [] };

/**
 * Message of pods that are killed to make room, and that of their condition DisruptionTarget (k8s 1.37 preemption.go).
 */
export const PREEMPTION_MESSAGE = 'Preempted in order to admit critical pod';
export const PREEMPTION_CONDITION_MESSAGE = 'Pod was preempted by Kubelet to accommodate a critical pod.';

/**
 * Whether the kubelet runs a pod that it was given; asked once per ADD, and again after a restart of the kubelet.
 * Handlers in the order of NewMainKubelet (k8s 1.37 and 1.23 pkg/kubelet/kubelet.go). Leaves out sysctls, cpu, memory,
 * device and topology managers, AppArmor and declared features.
 */
export function admit(view: AdmissionView, settings: AdmissionSettings): Admission {
  const { pod } = view;
  const underPressure = refusalUnderPressure(pod, view.pressure);
  if (underPressure !== undefined) {
    return underPressure;
  }
  const wrongSystem = refusalByOperatingSystem(pod);
  if (settings.checksOperatingSystemFirst && wrongSystem !== undefined) {
    return wrongSystem;
  }
  const failures = predicateFailures(pod, view.node, view.otherPods, settings.checksNoExecuteTaints);
  const byPredicates = failures.length === 0 ? ADMITTED : afterFailures(view, failures, settings);
  if (!byPredicates.admit) {
    const askAgainWithLiveNode = settings.rechecksAffinityWithLiveNode && isAffinityAlone(failures);
    return askAgainWithLiveNode ? { ...byPredicates, askAgainWithLiveNode } : byPredicates;
  }
  if (wrongSystem !== undefined) {
    return wrongSystem;
  }
  return view.isShuttingDown
    ? { admit: false, reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }
    : byPredicates;
}

const isAffinityAlone = ([failure, ...others]: readonly PredicateFailure[]): boolean =>
  failure !== undefined &&
  others.length === 0 &&
  !isInsufficientResource(failure) &&
  failure.predicate === 'NodeAffinity';

/** status.message of a refused pod; its phase is Failed, its reason that of the refusal (k8s 1.37 rejectPod). */
export const rejectionMessage = (message: string, settings: AdmissionSettings): string =>
  settings.rejectionMessagePrefix + message;

/** As managerImpl.Admit (k8s 1.37 pkg/kubelet/eviction/eviction_manager.go). */
function refusalUnderPressure(pod: Pod, pressure: readonly string[]): Admission | undefined {
  if (pressure.length === 0 || isCriticalPod(pod)) {
    return undefined;
  }
  if (pressure.length === 1 && pressure[0] === 'MemoryPressure') {
    const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
    if (qosClassOf(pod) !== 'BestEffort' || isTolerated(taint, pod.spec.tolerations)) {
      return undefined;
    }
  }
  return { admit: false, reason: 'Evicted', message: `The node had condition: [${pressure.join(' ')}]. ` };
}

/**
 * Nodes run linux. As rejectPodAdmissionBasedOnOSSelector and …OnOSField (k8s 1.37 pkg/kubelet/lifecycle/predicate.go).
 */
function refusalByOperatingSystem(pod: Pod): Admission | undefined {
  const label = pod.metadata.labels?.['kubernetes.io/os'];
  if (label !== undefined && label !== 'linux') {
    return {
      admit: false,
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    };
  }
  const name = pod.spec.os?.name;
  return name !== undefined && name !== 'linux'
    ? {
        admit: false,
        reason: 'PodOSNotSupported',
        message: "Failed to admit pod as the OS field doesn't match node OS",
      }
    : undefined;
}

/** A critical pod does not fail for want of resources: others make room (k8s 1.37 HandleAdmissionFailure). */
function afterFailures(
  { pod, otherPods }: AdmissionView,
  failures: readonly PredicateFailure[],
  settings: AdmissionSettings,
): Admission {
  if (!isCriticalPod(pod)) {
    return refusal(failures[0]!, settings);
  }
  const other = failures.find((failure) => !isInsufficientResource(failure));
  if (other !== undefined) {
    return refusal(other, settings);
  }
  const preemption = podsToPreempt(pod, otherPods, failures.filter(isInsufficientResource));
  if (preemption.ok) {
    return { admit: true, preempts: preemption.pods };
  }
  const error = `preemption: error finding a set of pods to preempt: ${preemption.error}`;
  const message = `Unexpected error while attempting to recover from admission failure: ${error}`;
  return { admit: false, reason: 'UnexpectedAdmissionError', message };
}

function refusal(failure: PredicateFailure, settings: AdmissionSettings): Admission {
  if (isInsufficientResource(failure)) {
    const { resource, requested, used, capacity } = failure;
    const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
    const message = `Node didn't have enough resource: ${resource}, ${amounts}`;
    return { admit: false, reason: `OutOf${resource}`, message };
  }
  const { predicate, description } = failure;
  const message = `Predicate ${predicate} failed${settings.predicateMessagesSayWhy ? `: ${description}` : ''}`;
  return { admit: false, reason: predicate, message };
}
