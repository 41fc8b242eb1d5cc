import { seconds } from '../../../../engine/index.js';
import type { HPAScalingRules } from '../../../../models/api/index.js';
import {
  type Memory,
  normalize,
  normalizeWithBehavior,
  rememberScale,
} from '../../../../models/horizontal-pod-autoscaler-controller/normalization.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface Step {
  readonly at: number;
  readonly current: number;
  readonly raw: number;
}

interface BehaviorCase extends VectorCase {
  readonly behavior?: { readonly scaleUp: HPAScalingRules; readonly scaleDown: HPAScalingRules };
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly startReplicas: number;
  readonly steps: readonly Step[];
}

/** The recorder called the functions without the first look at an autoscaler, which would remember what it found. */
const NOTHING: Memory = { recommendations: [], scaleUps: [], scaleDowns: [] };
const DOWNSCALE_STABILIZATION = seconds(300);

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly BehaviorCase[]) {
    yield compare(one.id, one.steps, [...follow(one)]);
  }
};

function* follow({ behavior, minReplicas, maxReplicas, startReplicas, steps }: BehaviorCase): Iterable<unknown> {
  let memory = NOTHING;
  let currentReplicas = startReplicas;
  for (const { at, raw } of steps) {
    const now = seconds(at);
    const wanted = { currentReplicas, desiredReplicas: raw, minReplicas, maxReplicas };
    const found = behavior
      ? normalizeWithBehavior(wanted, behavior, DOWNSCALE_STABILIZATION, memory, now)
      : normalize(wanted, DOWNSCALE_STABILIZATION, memory, now);
    const { replicas, ableToScale, scalingLimited } = found;
    memory = found.memory;
    yield {
      at,
      raw,
      current: currentReplicas,
      desired: replicas,
      conditions: {
        AbleToScale: `${ableToScale.status}/${ableToScale.reason}`,
        ScalingLimited: `${scalingLimited.status}/${scalingLimited.reason}`,
      },
    };
    if (replicas !== currentReplicas) {
      memory = rememberScale(memory, behavior, currentReplicas, replicas, now);
    }
    currentReplicas = replicas;
  }
}
