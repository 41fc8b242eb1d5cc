import type { Micros } from '../../../engine/time/micros.js';
import type { ContainerStatus } from '../../api/index.js';
import type { ProbeResult, ProbeSettings } from './decisions.js';

/** What is known of a container's probes when its status is made. */
export interface ProbedContainer {
  /** As the runtime shows it, with `started` of the previous status. */
  readonly status: ContainerStatus;
  /** Result for this very container; `hasWorker` also while there is none yet. */
  readonly startup: { readonly hasWorker: boolean; readonly result: ProbeResult | undefined };
  readonly readiness: {
    readonly hasProbe: boolean;
    readonly hasWorker: boolean;
    readonly result: ProbeResult | undefined;
  };
  readonly kubeletStartedAt: Micros;
  /** The API shows the pod's Ready condition True. */
  readonly podIsReady: boolean;
}

export interface ContainerProbeStatus {
  readonly started: boolean;
  readonly ready: boolean;
  /** The readiness worker is to probe at once. */
  readonly triggersReadiness: boolean;
}

const NOT_STARTED: ContainerProbeStatus = { started: false, ready: false, triggersReadiness: false };
const READY: ContainerProbeStatus = { started: true, ready: true, triggersReadiness: false };

/**
 * `started` and `ready` of a regular container or a sidecar; other init containers are ready once they exited with 0.
 * As prober manager UpdatePodStatus (k8s 1.37 and 1.23 pkg/kubelet/prober/prober_manager.go).
 */
export function containerProbeStatus(container: ProbedContainer, settings: ProbeSettings): ContainerProbeStatus {
  if (container.status.state?.running === undefined || !isStarted(container, settings)) {
    return NOT_STARTED;
  }
  const { hasWorker, result } = container.readiness;
  if (result === 'Success') {
    return READY;
  }
  const ready = keepsReady(container, settings) ?? !hasWorker;
  return { started: true, ready, triggersReadiness: hasWorker };
}

function isStarted({ status, startup }: ProbedContainer, settings: ProbeSettings): boolean {
  if (startup.result !== undefined) {
    return startup.result === 'Success';
  }
  return !startup.hasWorker || (!settings.ChangeContainerStatusOnKubeletRestart && status.started === true);
}

/** For a container that ran before the kubelet did: as ready as the pod was, until its probe says otherwise. */
function keepsReady(container: ProbedContainer, settings: ProbeSettings): boolean | undefined {
  const startedAt = container.status.state?.running?.startedAt;
  const ranBefore =
    !settings.ChangeContainerStatusOnKubeletRestart &&
    startedAt !== undefined &&
    startedAt < container.kubeletStartedAt - settings.kubeletRestartGrace;
  if (!ranBefore) {
    return undefined;
  }
  const { hasProbe, hasWorker, result } = container.readiness;
  return (!hasWorker || result === undefined) && (!hasProbe || container.podIsReady);
}
