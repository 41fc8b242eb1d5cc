import { milliseconds, type Simulation, wholeSecond } from '../../engine/index.js';
import { conditionOf, type Pod, type PodCondition, withCondition } from '../api/index.js';
import type { ApiClient, ApiError, EventRecorder, Reply } from '../client-go/index.js';
import type { PodInfo } from './framework/pod-info.js';
import type { CallResult } from './preemption/executor.js';

/** What the scheduler wants to be known of a pod without a node. */
export interface StatusChange {
  readonly condition?: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;
  /** Undefined leaves the nomination, '' clears it. */
  readonly nominatedNodeName?: string | undefined;
}

const FIRST_BIND_RETRY = milliseconds(10);
const BIND_RETRY_FACTOR = 5;

/** events.k8s.io cuts a note that is too long. As truncateMessage (pkg/scheduler/schedule_one.go). */
const NOTE_LENGTH_LIMIT = 1024;
const CUT_MARK = ' ...';

export const truncateMessage = (message: string): string =>
  message.length <= NOTE_LENGTH_LIMIT ? message : message.slice(0, NOTE_LENGTH_LIMIT - CUT_MARK.length) + CUT_MARK;

/** The scheduler's writes about pods. */
export class PodClient {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #bindTries: number;

  constructor(simulation: Simulation, client: ApiClient, events: EventRecorder, bindTries: number) {
    this.#simulation = simulation;
    this.#client = client;
    this.#events = events;
    this.#bindTries = bindTries;
  }

  /** FailedScheduling, with the message cut to what an event holds. */
  tellFailure(pod: Pod, message: string): void {
    this.#events.event(pod, 'Warning', 'FailedScheduling', truncateMessage(message), 'Scheduling');
  }

  tellScheduled({ pod, namespace }: PodInfo, nodeName: string): void {
    const note = `Successfully assigned ${namespace}/${pod.metadata.name} to ${nodeName}`;
    this.#events.event(pod, 'Normal', 'Scheduled', note, 'Binding');
  }

  /** As BindPod (pkg/scheduler/util/utils.go): tries again when the server, not the request, is to blame. */
  bind(pod: PodInfo, nodeName: string, done: (error: string | undefined) => void, tried = 0): void {
    this.#client.bind(pod.key, pod.uid, nodeName, (reply) => {
      if (reply.ok) {
        done(undefined);
      } else if (tried + 1 < this.#bindTries && isServersFault(reply.error)) {
        const delay = FIRST_BIND_RETRY * BIND_RETRY_FACTOR ** tried;
        this.#simulation.after(delay, () => this.bind(pod, nodeName, done, tried + 1));
      } else {
        done(reply.error.message);
      }
    });
  }

  /**
   * Writes condition and nomination if they differ from what the attempt saw. As updatePod (pkg/scheduler/schedule_one.go).
   * @param then called at once when there is nothing to write
   */
  patchStatus({ pod, key }: PodInfo, change: StatusChange, then: (result: CallResult) => void): void {
    const { condition, nominatedNodeName } = change;
    const nominates = nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? '');
    const known = condition && conditionOf(pod.status?.conditions, condition.type);
    const isSame =
      condition === undefined ||
      (known !== undefined &&
        known.status === condition.status &&
        (known.reason ?? '') === condition.reason &&
        (known.message ?? '') === condition.message);
    if (isSame && !nominates) {
      then('done');
      return;
    }
    const { now } = this.#simulation;
    const patch = (current: Pod): Pod => ({
      ...current,
      status: {
        ...current.status,
        ...(condition && { conditions: withScheduled(current, condition, now) }),
        ...(nominates && { nominatedNodeName: nominatedNodeName || undefined }),
      },
    });
    this.#client.patchStatus('Pod', key, patch, (reply) => then(resultOf(reply)));
  }

  tellPreempted({ pod }: PodInfo, message: string): void {
    this.#events.event(pod, 'Normal', 'Preempted', message, 'Preempting');
  }

  /** With the pod's own grace period. As DeletePod (pkg/scheduler/util). */
  deletePod({ key }: PodInfo, then: (result: CallResult) => void): void {
    this.#client.delete('Pod', key, {}, (reply) => then(resultOf(reply)));
  }
}

const resultOf = (reply: Reply<Pod>): CallResult =>
  reply.ok ? 'done' : reply.error.reason === 'NotFound' ? 'gone' : 'failed';

/** Internal error, unavailable, or nobody there. */
const isServersFault = ({ reason }: ApiError): boolean =>
  reason === 'InternalError' || reason === 'ServerTimeout' || reason === 'Unreachable';

/** The transition time moves with the status alone. As UpdatePodCondition (pkg/api/v1/pod). */
function withScheduled(
  { metadata, status }: Pod,
  condition: NonNullable<StatusChange['condition']>,
  now: number,
): readonly PodCondition[] {
  const before = conditionOf(status?.conditions, condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : wholeSecond(now);
  const { generation } = metadata;
  return withCondition(status?.conditions, {
    ...condition,
    lastTransitionTime,
    ...(generation !== undefined && { observedGeneration: generation }),
  });
}
