import { type Micros, wholeSecond } from '../../engine/index.js';
import {
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscalerStatus,
  type MetricStatus,
  semanticallyEqual,
} from '../api/index.js';
import type { Finding } from './normalization.js';

export type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited' | 'ScaledToZero';

/** The status of one autoscaler while it is looked at. */
export class StatusDraft {
  readonly #autoscaler: HorizontalPodAutoscaler;
  readonly #now: () => Micros;
  /** Says which generation it is about; undefined: it does not. */
  readonly #generation: number | undefined;
  #status: HorizontalPodAutoscalerStatus;

  constructor(autoscaler: HorizontalPodAutoscaler, now: () => Micros, tellsGeneration: boolean) {
    this.#autoscaler = autoscaler;
    this.#now = now;
    this.#generation = tellsGeneration ? autoscaler.metadata.generation : undefined;
    this.#status = autoscaler.status ?? { desiredReplicas: 0 };
  }

  /** The object with the status as it is now; undefined when that is the one it came with. */
  get changed(): HorizontalPodAutoscaler | undefined {
    return semanticallyEqual(this.#autoscaler.status, this.#status)
      ? undefined
      : { ...this.#autoscaler, status: this.#status };
  }

  get status(): HorizontalPodAutoscalerStatus {
    return this.#status;
  }

  isTrue(type: ConditionType): boolean {
    return this.#status.conditions?.find((condition) => condition.type === type)?.status === 'True';
  }

  /** As setConditionInList: its time moves only when the status turns. */
  setCondition(type: ConditionType, { status, reason, message }: Finding): void {
    const { conditions = [] } = this.#status;
    const before = conditions.find((condition) => condition.type === type);
    const condition: HorizontalPodAutoscalerCondition = {
      type,
      status,
      reason,
      message,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : wholeSecond(this.#now()),
      ...(this.#generation !== undefined && { observedGeneration: this.#generation }),
    };
    this.#status = {
      ...this.#status,
      conditions: before ? conditions.map((one) => (one === before ? condition : one)) : [...conditions, condition],
    };
  }

  /** As setStatus. Without `desiredReplicas` the last decision stands. */
  setReplicas(
    currentReplicas: number,
    currentMetrics: readonly MetricStatus[] | undefined,
    desiredReplicas: number | undefined,
    isRescaled: boolean,
  ): void {
    const { conditions, lastScaleTime, desiredReplicas: lastDesired } = this.#status;
    this.#status = {
      ...(this.#generation !== undefined && { observedGeneration: this.#generation }),
      currentReplicas,
      desiredReplicas: desiredReplicas ?? lastDesired,
      lastScaleTime: isRescaled ? wholeSecond(this.#now()) : lastScaleTime,
      currentMetrics,
      conditions,
    };
  }
}
