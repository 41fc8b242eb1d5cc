import { type Container, type ContainerStatus, type Pod, type PodStatus, qosClassOf } from '../../api/index.js';
import type { CachedPod } from '../pleg/runtime-cache.js';
import {
  allContainersRestartCleanedUp,
  hasAnyActiveRegularContainer,
  type PodActionsGates,
  podSandboxChange,
  shouldAllContainersRestart,
} from '../pod-actions/index.js';
import {
  isTerminalPhase,
  type PodConditionGates,
  type PodPhase,
  type PodPhaseGates,
  podConditions,
  podPhase,
} from '../pod-status/index.js';
import type { StartFailure } from '../sync-pod/sync-results.js';
import { type ContainerStatusGates, containerStatuses } from './container-statuses.js';
import { fullStatus } from './full-status.js';

export interface PodStatusGates extends PodActionsGates, PodConditionGates, PodPhaseGates, ContainerStatusGates {
  /** Gate: hostIPs beside hostIP. */
  readonly PodHostIPs: boolean;
}

export interface PodStatusGeneratorOptions {
  readonly gates: PodStatusGates;
  /** Address of the node, and the list that holds it alone. */
  readonly hostIP: string;
  readonly hostIPs: readonly { readonly ip: string }[];
  /** The kubelet's last status of the pod. */
  statusOf(uid: string): PodStatus | undefined;
  failureOf(uid: string, container: string): StartFailure | undefined;
  /** The same with `started` and `ready` of the containers; may trigger readiness probes. */
  withProbeResults(pod: Pod, statuses: Statuses): Statuses;
  /** Why the pod may not go on: its active deadline is over. */
  deadlineExceeded(pod: Pod): Pick<PodStatus, 'reason' | 'message'> | undefined;
}

/** Of the regular containers of a pod, and of its init and its ephemeral containers if it has any. */
export interface Statuses {
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[] | undefined;
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[] | undefined;
}

type PhaseAndReason = Pick<PodStatus, 'phase' | 'reason' | 'message'>;

const NOTHING = { sandboxes: [], containers: [] };

/**
 * The status of a pod by what the runtime cache shows and what the last sync left. As generateAPIPodStatus (k8s 1.37
 * pkg/kubelet/kubelet_pods.go). Times of conditions are the status manager's.
 */
export class PodStatusGenerator {
  readonly #options: PodStatusGeneratorOptions;

  constructor(options: PodStatusGeneratorOptions) {
    this.#options = options;
  }

  /** `isTerminal`: the pod is terminated for good and none of its containers will run again. */
  generate(pod: Pod, { pod: runtimePod, ips }: CachedPod, isTerminal: boolean): PodStatus {
    const { gates, statusOf } = this.#options;
    const old = statusOf(pod.metadata.uid as string) ?? pod.status ?? {};
    const runtime = runtimePod ?? NOTHING;
    const isRestartingAll = gates.RestartAllContainersOnContainerExits && shouldAllContainersRestart(pod, runtime, old);
    const statuses = this.#containerStatuses(pod, runtime, isRestartingAll, old);
    const progress = { podIsTerminal: isTerminal, podHasInitialized: hasAnyActiveRegularContainer(pod, runtime) };
    const { phase, reason, message } = this.#phase(pod, old, podPhase(pod, statuses, progress, gates));
    const probed = this.#options.withProbeResults(pod, statuses);
    const conditions = podConditions(
      {
        pod,
        phase: phase as PodPhase,
        containerStatuses: probed.containerStatuses,
        initContainerStatuses: probed.initContainerStatuses,
        oldConditions: old.conditions,
        sandboxProblem: podSandboxChange(pod, runtime).problem,
        isRestartingAllContainers: isRestartingAll && !allContainersRestartCleanedUp(pod, runtime),
      },
      gates,
    );
    const { hostIP, hostIPs } = this.#options;
    const podIPs = pod.spec.hostNetwork ? [hostIP] : ips;
    return fullStatus({
      conditions,
      containerStatuses: probed.containerStatuses,
      ephemeralContainerStatuses: statuses.ephemeralContainerStatuses,
      hostIP,
      hostIPs: gates.PodHostIPs ? hostIPs : undefined,
      initContainerStatuses: probed.initContainerStatuses,
      message,
      phase,
      podIP: podIPs[0],
      podIPs: podIPs.length === 0 ? undefined : podIPs.map((ip) => ({ ip })),
      qosClass: pod.status?.qosClass ?? qosClassOf(pod),
      reason,
    });
  }

  #containerStatuses(
    pod: Pod,
    runtime: NonNullable<CachedPod['pod']> | typeof NOTHING,
    isRestartingAll: boolean,
    old: PodStatus,
  ): Statuses {
    const { gates, failureOf } = this.#options;
    const uid = pod.metadata.uid as string;
    const input = { pod, runtime, isRestartingAll, failureOf: (container: string) => failureOf(uid, container) };
    const { containers, initContainers = [] } = pod.spec;
    const regular = containerStatuses(input, containers, false, old.containerStatuses, gates);
    const init =
      initContainers.length === 0
        ? undefined
        : containerStatuses(input, initContainers, true, old.initContainerStatuses, gates);
    if (!pod.spec.ephemeralContainers?.length) {
      return { containerStatuses: regular, initContainerStatuses: init };
    }
    const ephemeral = pod.spec.ephemeralContainers as readonly Container[];
    const ephemeralContainerStatuses = containerStatuses(
      input,
      ephemeral,
      false,
      old.ephemeralContainerStatuses,
      gates,
    );
    return { containerStatuses: regular, initContainerStatuses: init, ephemeralContainerStatuses };
  }

  /** Terminal phases stay, reasons stay with their phase, and a deadline that is over fails the pod. */
  #phase(pod: Pod, old: PodStatus, current: PodPhase): PhaseAndReason {
    let phase: string | undefined = current;
    if (!isTerminalPhase(phase)) {
      phase = [old.phase, pod.status?.phase].find(isTerminalPhase) ?? phase;
    }
    const isOldPhase = phase === old.phase;
    let reason = isOldPhase ? old.reason || pod.status?.reason : undefined;
    let message = isOldPhase ? old.message || pod.status?.message : undefined;
    const exceeded = this.#options.deadlineExceeded(pod);
    if (exceeded !== undefined) {
      phase = 'Failed';
      ({ reason, message } = exceeded);
    }
    if (isTerminalPhase(pod.status?.phase)) {
      phase = pod.status?.phase;
    }
    return { phase, reason, message };
  }
}
