import type { Micros, ObjectKey } from '../../engine/index.js';
import {
  type HorizontalPodAutoscaler,
  keyOf,
  type LabelSelector,
  type MetricStatus,
  type Pod,
  requirementsOf,
} from '../api/index.js';
import type { ApiClient, ApiError, EventRecorder, MetricsClient } from '../client-go/index.js';
import type { HorizontalPodAutoscalerControllerConfiguration } from './config.js';
import {
  type Combined,
  combine,
  firstStep,
  minReplicasOf,
  rescaleReason,
  SCALING_DISABLED,
  scaledToZero,
} from './decisions.js';
import { type MetricProposal, proposeReplicas } from './metric-proposals.js';
import { metricsText } from './metrics-text.js';
import {
  type Memory,
  type Normalized,
  normalize,
  normalizeWithBehavior,
  type Rules,
  rememberScale,
} from './normalization.js';
import { getScale, putScale, type Scale, type ScaleTarget, scaleTargetOf } from './scale-target.js';
import { selectorText } from './selector-text.js';
import { StatusDraft } from './status-draft.js';
import type { AutoscalingRow } from './timelines.js';

/** What a look at an autoscaler needs of the controller. */
export interface Workshop {
  readonly config: HorizontalPodAutoscalerControllerConfiguration;
  readonly client: ApiClient;
  readonly scaleClient: ApiClient;
  readonly metrics: MetricsClient;
  readonly events: EventRecorder;
  readonly now: Micros;
  /** The callback, unless the process has died by then. */
  ifAlive<A>(then: (answer: A) => void): (answer: A) => void;
  after(delay: Micros, action: () => void): void;
  memoryOf(key: ObjectKey, currentReplicas: number): Memory;
  remember(key: ObjectKey, memory: Memory): void;
  podsOf(namespace: string, selector: LabelSelector): readonly Pod[];
  autoscalersOf(key: ObjectKey, namespace: string, selector: LabelSelector, pods: readonly Pod[]): readonly ObjectKey[];
  record(key: ObjectKey, row: AutoscalingRow): void;
}

/** A count to scale to, and why. */
interface Decision {
  readonly replicas: number;
  readonly reason: string;
  readonly recommended?: number;
}

/** One look at one autoscaler, from reading its target's scale to writing its status. As reconcileAutoscaler. */
export class Reconciliation {
  readonly #of: Workshop;
  readonly #autoscaler: HorizontalPodAutoscaler;
  readonly #key: ObjectKey;
  readonly #status: StatusDraft;

  constructor(of: Workshop, autoscaler: HorizontalPodAutoscaler) {
    this.#of = of;
    this.#autoscaler = autoscaler;
    this.#key = keyOf(autoscaler);
    this.#status = new StatusDraft(autoscaler, () => of.now, of.config.HPAGeneration);
  }

  run(done: () => void): void {
    const target = scaleTargetOf(this.#autoscaler);
    if ('error' in target) {
      this.#withoutScale(target.error, done);
      return;
    }
    getScale(this.#of.scaleClient, target, (reply) => {
      if (reply.ok) {
        this.#withScale(target, reply.scale, done);
      } else {
        this.#withoutScale(reply.error.message, done);
      }
    });
  }

  #withoutScale(error: string, done: () => void): void {
    this.#warn('FailedGetScale', error);
    const message = `the HPA controller was unable to get the target's current scale: ${error}`;
    this.#status.setCondition('AbleToScale', { status: 'False', reason: 'FailedGetScale', message });
    this.#writeStatus(done);
  }

  #withScale(target: ScaleTarget, scale: Scale, done: () => void): void {
    const { config } = this.#of;
    const currentReplicas = scale.specReplicas;
    this.#status.setCondition('AbleToScale', {
      status: 'True',
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    });
    this.#of.remember(this.#key, this.#of.memoryOf(this.#key, currentReplicas));
    const step = firstStep(this.#autoscaler, currentReplicas, {
      HPAScaleToZero: config.HPAScaleToZero,
      isScaledToZero: this.#status.isTrue('ScaledToZero'),
    });
    if (step.do === 'compute') {
      this.#compute(scale, (decision, statuses) => this.#conclude(target, scale, decision, statuses, done), done);
    } else {
      if (step.do === 'nothing') {
        this.#status.setCondition('ScalingActive', SCALING_DISABLED);
      }
      const decision = step.do === 'rescale' ? step : { replicas: currentReplicas, reason: '' };
      this.#conclude(target, scale, decision, undefined, done);
    }
  }

  /** Asks for all metrics, one after the other, and normalises what they want. */
  #compute(
    scale: Scale,
    then: (decision: Decision, statuses: readonly MetricStatus[]) => void,
    done: () => void,
  ): void {
    const selector = this.#checkedSelector(scale, done);
    if (selector === undefined) {
      return;
    }
    this.#propose(scale, selector, [], (proposals) => {
      const statuses = proposals.map((proposal) => (proposal.ok ? proposal.status : { type: '' }));
      const combined = combine(proposals, scale.specReplicas);
      this.#status.setCondition('ScalingActive', combined.scalingActive);
      if (combined.ok) {
        then(this.#normalized(combined, scale.specReplicas), statuses);
      } else {
        this.#uncomputed(combined.error, scale, statuses, done);
      }
    });
  }

  #propose(
    scale: Scale,
    selector: LabelSelector,
    found: readonly MetricProposal[],
    then: (proposals: readonly MetricProposal[]) => void,
  ): void {
    const spec = this.#autoscaler.spec.metrics?.[found.length];
    if (spec === undefined) {
      then(found);
      return;
    }
    const namespace = this.#autoscaler.metadata.namespace ?? '';
    const context = {
      autoscaler: this.#autoscaler,
      scale,
      selector,
      client: this.#of.metrics,
      config: this.#of.config,
      pods: () => this.#of.podsOf(namespace, selector),
      now: () => this.#of.now,
    };
    const next = this.#of.ifAlive((proposal: MetricProposal) => {
      if (!proposal.ok) {
        this.#warn(proposal.reason, proposal.message);
      }
      this.#propose(scale, selector, [...found, proposal], then);
    });
    proposeReplicas(spec, context, next);
  }

  /** As validateAndParseSelector: two autoscalers of the same pods would pull at each other. */
  #checkedSelector(scale: Scale, done: () => void): LabelSelector | undefined {
    const { selector } = scale;
    const fail = (event: string, reason: string, error: string, message: string): undefined => {
      this.#warn(event, error);
      this.#status.setCondition('ScalingActive', { status: 'False', reason, message });
      this.#uncomputed(error, scale, undefined, done);
    };
    if (selector === undefined || requirementsOf(selector).length === 0) {
      const message = "the HPA target's scale is missing a selector";
      return fail('SelectorRequired', 'InvalidSelector', 'selector is required', message);
    }
    if (this.#of.config.checksAmbiguousSelectors) {
      const namespace = this.#autoscaler.metadata.namespace ?? '';
      const pods = this.#of.podsOf(namespace, selector);
      const autoscalers = this.#of.autoscalersOf(this.#key, namespace, selector, pods);
      if (autoscalers.length > 1) {
        const names = autoscalers.map((key) => `{${key.slice(namespace.length + 1)} ${namespace}}`).join(' ');
        const error = `pods by selector ${selectorText(selector)} are controlled by multiple HPAs: [${names}]`;
        return fail('AmbiguousSelector', 'AmbiguousSelector', error, error);
      }
    }
    return selector;
  }

  /** Nothing is known: the target stays as it is, and the last decision stands. */
  #uncomputed(
    error: string,
    { specReplicas }: Scale,
    statuses: readonly MetricStatus[] | undefined,
    done: () => void,
  ): void {
    this.#status.setReplicas(specReplicas, statuses, undefined, false);
    this.#record({ replicas: specReplicas, reason: '' }, specReplicas);
    this.#writeStatus(() => {
      this.#warn('FailedComputeMetricsReplicas', error);
      done();
    });
  }

  #normalized({ replicas: recommended, name }: Combined & { readonly ok: true }, currentReplicas: number): Decision {
    const minReplicas = minReplicasOf(this.#autoscaler);
    const { maxReplicas } = this.#autoscaler.spec;
    const wanted = { currentReplicas, desiredReplicas: recommended, minReplicas, maxReplicas };
    const { ableToScale, scalingLimited, memory, replicas } = this.#limited(wanted);
    this.#of.remember(this.#key, memory);
    this.#status.setCondition('AbleToScale', ableToScale);
    this.#status.setCondition('ScalingLimited', scalingLimited);
    // A target that was brought to zero before minReplicas was raised comes back with as many at least.
    const isTooFew = currentReplicas === 0 && replicas < minReplicas;
    const reason = rescaleReason(recommended, currentReplicas, name);
    return isTooFew
      ? { replicas: minReplicas, reason: reason || 'Current number of replicas below Spec.MinReplicas', recommended }
      : { replicas, reason, recommended };
  }

  #limited(wanted: Parameters<typeof normalize>[0]): Normalized {
    const { now, config } = this.#of;
    const memory = this.#of.memoryOf(this.#key, wanted.currentReplicas);
    const rules = rulesOf(this.#autoscaler);
    return rules
      ? normalizeWithBehavior(wanted, rules, config.downscaleStabilization, memory, now)
      : normalize(wanted, config.downscaleStabilization, memory, now);
  }

  #conclude(
    target: ScaleTarget,
    scale: Scale,
    decision: Decision,
    statuses: readonly MetricStatus[] | undefined,
    done: () => void,
  ): void {
    const before = scale.specReplicas;
    const after = decision.replicas;
    if (after === before) {
      this.#status.setReplicas(before, statuses, before, false);
      this.#record(decision, before);
      this.#writeStatus(done);
      return;
    }
    this.#rescale(target, scale, after, this.#of.config.scaleUpdateTries, (error) => {
      if (error === undefined) {
        this.#rescaled(before, decision);
        this.#status.setReplicas(before, statuses, after, true);
      } else {
        this.#notRescaled(decision, error);
        this.#status.setReplicas(before, statuses, undefined, false);
      }
      this.#record(decision, before);
      this.#writeStatus(done);
    });
  }

  /** As retry.RetryOnConflict: with the scale as it is by then. */
  #rescale(
    target: ScaleTarget,
    scale: Scale,
    replicas: number,
    tries: number,
    then: (error: ApiError | undefined) => void,
  ): void {
    const { scaleClient, config } = this.#of;
    putScale(scaleClient, target, scale, replicas, (error) => {
      if (error?.reason !== 'Conflict' || tries <= 1) {
        then(error);
        return;
      }
      getScale(scaleClient, target, (reply) => {
        if (reply.ok) {
          this.#of.after(config.scaleUpdateRetryInterval, () =>
            this.#rescale(target, reply.scale, replicas, tries - 1, then),
          );
        } else {
          then(reply.error);
        }
      });
    });
  }

  #rescaled(before: number, { replicas: after, reason }: Decision): void {
    const message = `the HPA controller was able to update the target scale to ${after}`;
    this.#status.setCondition('AbleToScale', { status: 'True', reason: 'SucceededRescale', message });
    if (this.#of.config.HPAScaleToZero) {
      this.#status.setCondition('ScaledToZero', scaledToZero(this.#autoscaler, before, after));
    }
    this.#tell('Normal', 'SuccessfulRescale', `New size: ${after}; reason: ${reason}`);
    const memory = this.#of.memoryOf(this.#key, before);
    this.#of.remember(this.#key, rememberScale(memory, rulesOf(this.#autoscaler), before, after, this.#of.now));
  }

  #notRescaled({ replicas, reason }: Decision, { message: error }: ApiError): void {
    this.#warn('FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${error}`);
    const message = `the HPA controller was unable to update the target scale: ${error}`;
    this.#status.setCondition('AbleToScale', { status: 'False', reason: 'FailedUpdateScale', message });
  }

  /** As updateStatusIfNeeded. */
  #writeStatus(done: () => void): void {
    const { changed } = this.#status;
    if (changed === undefined) {
      done();
      return;
    }
    this.#of.client.updateStatus('HorizontalPodAutoscaler', changed, (reply) => {
      if (!reply.ok) {
        this.#warn('FailedUpdateStatus', reply.error.message);
      }
      done();
    });
  }

  #warn(reason: string, message: string): void {
    this.#tell('Warning', reason, message);
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#of.events.event(this.#autoscaler, type, reason, message);
  }

  #record({ replicas, recommended }: Decision, before: number): void {
    const { metadata, spec } = this.#autoscaler;
    const { conditions = [], currentMetrics } = this.#status.status;
    const reasonOf = (type: string): string => conditions.find((one) => one.type === type)?.reason ?? '';
    this.#of.record(this.#key, {
      namespace: metadata.namespace ?? '',
      autoscaler: metadata.name,
      target: `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
      current_replicas: before,
      desired_replicas: replicas,
      recommended_replicas: recommended,
      metrics: metricsText(spec.metrics ?? [], currentMetrics ?? []),
      able_to_scale: reasonOf('AbleToScale'),
      scaling_active: reasonOf('ScalingActive'),
      scaling_limited: reasonOf('ScalingLimited'),
    });
  }
}

/** spec.behavior, of which the API server has filled in both directions. */
function rulesOf({ spec }: HorizontalPodAutoscaler): Rules | undefined {
  const { scaleUp = {}, scaleDown = {} } = spec.behavior ?? {};
  return spec.behavior && { scaleUp, scaleDown };
}
