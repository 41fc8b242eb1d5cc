import { type Node, type Pod, qosClassOf, withCondition } from '../../api/index.js';
import type { ApiClient } from '../../client-go/index.js';
import { type PodEvents, REASONS } from '../events.js';
import type { KillOptions } from '../pod-workers/pod-worker.js';
import type { StatusManager } from '../status/status-manager.js';
import {
  type Admission,
  type AdmissionSettings,
  admit,
  PREEMPTION_CONDITION_MESSAGE,
  PREEMPTION_MESSAGE,
  rejectionMessage,
} from './decisions.js';

export interface AdmitterOptions {
  readonly api: ApiClient;
  readonly events: PodEvents;
  readonly statuses: StatusManager;
  readonly settings: AdmissionSettings;
  /** Gate: pods killed to make room get the condition DisruptionTarget. */
  readonly marksDisruptionTarget: boolean;
  /** The Node as the kubelet knows it. */
  node(): Node;
  pressure(): readonly string[];
  isShuttingDown(): boolean;
  killPod(pod: Pod, kill: KillOptions, then: () => void): void;
}

/** Admits pods, or refuses them for good. As the kubelet's HandlePodAdditions and rejectPod (k8s 1.37 pkg/kubelet/kubelet.go). */
export class Admitter {
  readonly #options: AdmitterOptions;

  constructor(options: AdmitterOptions) {
    this.#options = options;
  }

  admit(pod: Pod, otherPods: readonly Pod[], then: (isAdmitted: boolean) => void): void {
    const { api, node, settings } = this.#options;
    const first = admit(this.#view(pod, node(), otherPods), settings);
    if (first.admit || !first.askAgainWithLiveNode) {
      this.#follow(pod, first, then);
      return;
    }
    api.get('Node', node().metadata.name, (reply) => {
      this.#follow(pod, reply.ok ? admit(this.#view(pod, reply.object, otherPods), settings) : first, then);
    });
  }

  #view(pod: Pod, node: Node, otherPods: readonly Pod[]) {
    return { pod, node, otherPods, pressure: this.#options.pressure(), isShuttingDown: this.#options.isShuttingDown() };
  }

  #follow(pod: Pod, admission: Admission, then: (isAdmitted: boolean) => void): void {
    if (admission.admit) {
      this.#preempt(admission.preempts, () => then(true));
    } else {
      this.#refuse(pod, admission);
      then(false);
    }
  }

  /** One victim after the other, each until it is gone. */
  #preempt([victim, ...rest]: readonly Pod[], then: () => void): void {
    if (victim === undefined) {
      then();
      return;
    }
    const { events, killPod, marksDisruptionTarget } = this.#options;
    events.record(victim, undefined, 'Warning', REASONS.preempting, PREEMPTION_MESSAGE);
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message: PREEMPTION_CONDITION_MESSAGE,
    };
    const changeStatus: KillOptions['changeStatus'] = (status) => ({
      ...status,
      phase: 'Failed',
      reason: REASONS.preempting,
      message: PREEMPTION_MESSAGE,
      ...(marksDisruptionTarget && { conditions: withCondition(status.conditions, condition) }),
    });
    killPod(victim, { isEviction: true, changeStatus }, () => this.#preempt(rest, then));
  }

  #refuse(pod: Pod, { reason, message }: Extract<Admission, { admit: false }>): void {
    const { events, settings, statuses } = this.#options;
    events.record(pod, undefined, 'Warning', reason, message);
    statuses.set(pod, {
      phase: 'Failed',
      reason,
      message: rejectionMessage(message, settings),
      qosClass: pod.status?.qosClass ?? qosClassOf(pod),
    });
  }
}
