import { type Micros, seconds } from '../../engine/index.js';
import type { HPAScalingRules } from '../api/index.js';

// k8s 1.37 pkg/controller/podautoscaler horizontal.go normalizeDesiredReplicas and its helpers.

/** What the controller remembers of one autoscaler; lost when the process dies. Old entries are overwritten, one a sync. */
export interface Memory {
  readonly recommendations: readonly Recommendation[];
  readonly scaleUps: readonly ScaleEvent[];
  readonly scaleDowns: readonly ScaleEvent[];
}

interface Recommendation {
  readonly at: Micros;
  readonly replicas: number;
}

interface ScaleEvent {
  readonly at: Micros;
  /** How many pods came or went, above zero. */
  readonly change: number;
}

/** Of an autoscaler that was never looked at: what it finds counts as a first recommendation. */
export const firstMemory = (currentReplicas: number, now: Micros): Memory => ({
  recommendations: [{ at: now, replicas: currentReplicas }],
  scaleUps: [],
  scaleDowns: [],
});

export interface Wanted {
  readonly currentReplicas: number;
  /** What the metrics ask for. */
  readonly desiredReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** Rules with their defaults filled in, as the API server stores them. */
export interface Rules {
  readonly scaleUp: HPAScalingRules;
  readonly scaleDown: HPAScalingRules;
}

/** A condition that a normalised count comes with. */
export interface Finding {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Normalized {
  readonly replicas: number;
  readonly ableToScale: Finding;
  readonly scalingLimited: Finding;
  readonly memory: Memory;
}

const LIMITS = {
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  DesiredWithinRange: 'the desired count is within the acceptable range',
} as const;

type Limit = keyof typeof LIMITS;

const READY: Finding = {
  status: 'True',
  reason: 'ReadyForNewScale',
  message: 'recommended size matches current size',
};
const STABILIZED_DOWN: Finding = {
  status: 'True',
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const STABILIZED_UP: Finding = {
  status: 'True',
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};

/** Without spec.behavior: never below the highest recommendation of the window, and at most twice as many (or four) at once. */
export function normalize(wanted: Wanted, downscaleWindow: Micros, memory: Memory, now: Micros): Normalized {
  const { currentReplicas, desiredReplicas, minReplicas, maxReplicas } = wanted;
  const isOld = ({ at }: Recommendation): boolean => at < now - downscaleWindow;
  let stabilized = desiredReplicas;
  for (const recommendation of memory.recommendations) {
    stabilized = isOld(recommendation) ? stabilized : Math.max(stabilized, recommendation.replicas);
  }
  const upLimit = Math.max(2 * currentReplicas, 4);
  const [allowed, limit] =
    maxReplicas > upLimit ? ([upLimit, 'ScaleUpLimit'] as const) : ([maxReplicas, 'TooManyReplicas'] as const);
  const [replicas, reason]: [number, Limit] =
    stabilized < minReplicas
      ? [minReplicas, 'TooFewReplicas']
      : stabilized > allowed
        ? [allowed, limit]
        : [stabilized, 'DesiredWithinRange'];
  return {
    replicas,
    ableToScale: stabilized === desiredReplicas ? READY : STABILIZED_DOWN,
    scalingLimited: limited(reason, replicas !== stabilized),
    memory: remember(memory, { at: now, replicas: desiredReplicas }, isOld),
  };
}

/** With spec.behavior: between the lowest and highest recommendations of the two windows, then as fast as the policies allow. */
export function normalizeWithBehavior(
  wanted: Wanted,
  rules: Rules,
  downscaleWindow: Micros,
  memory: Memory,
  now: Micros,
): Normalized {
  const { desiredReplicas, currentReplicas } = wanted;
  const upCutoff = now - seconds(rules.scaleUp.stabilizationWindowSeconds ?? 0);
  const downSeconds = rules.scaleDown.stabilizationWindowSeconds;
  const downCutoff = now - (downSeconds === undefined ? downscaleWindow : seconds(downSeconds));
  let lowest = desiredReplicas;
  let highest = desiredReplicas;
  for (const { at, replicas } of memory.recommendations) {
    lowest = at > upCutoff ? Math.min(lowest, replicas) : lowest;
    highest = at > downCutoff ? Math.max(highest, replicas) : highest;
  }
  const stabilized = Math.min(Math.max(currentReplicas, lowest), highest);
  const [replicas, reason] = withinRate({ ...wanted, desiredReplicas: stabilized }, rules, memory, now);
  const isOld = ({ at }: Recommendation): boolean => at < upCutoff && at < downCutoff;
  const stabilization = desiredReplicas >= currentReplicas ? STABILIZED_UP : STABILIZED_DOWN;
  return {
    replicas,
    ableToScale: stabilized === desiredReplicas ? READY : stabilization,
    scalingLimited: limited(reason, replicas !== stabilized),
    memory: remember(memory, { at: now, replicas: desiredReplicas }, isOld),
  };
}

const limited = (reason: Limit, isLimited: boolean): Finding => ({
  status: isLimited ? 'True' : 'False',
  reason,
  message: LIMITS[reason],
});

const remember = (memory: Memory, recommendation: Recommendation, isOld: (one: Recommendation) => boolean): Memory => ({
  ...memory,
  recommendations: overwritten(memory.recommendations, recommendation, isOld),
});

/** The newest takes the place of the last one that is old, if there is any. */
function overwritten<T>(entries: readonly T[], entry: T, isOld: (one: T) => boolean): readonly T[] {
  const place = entries.findLastIndex(isOld);
  return place < 0 ? [...entries, entry] : entries.with(place, entry);
}

/** As storeScaleEvent: what rate limits count. Without spec.behavior there are none. */
export function rememberScale(
  memory: Memory,
  rules: Rules | undefined,
  before: number,
  after: number,
  now: Micros,
): Memory {
  if (rules === undefined) {
    return memory;
  }
  const isUp = after > before;
  const { policies = [] } = isUp ? rules.scaleUp : rules.scaleDown;
  const longest = seconds(Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds)));
  const isOld = ({ at }: ScaleEvent): boolean => at < now - longest;
  const field = isUp ? 'scaleUps' : 'scaleDowns';
  return { ...memory, [field]: overwritten(memory[field], { at: now, change: Math.abs(after - before) }, isOld) };
}

/** As convertDesiredReplicasWithBehaviorRate. */
function withinRate(wanted: Wanted, rules: Rules, memory: Memory, now: Micros): [number, Limit] {
  const { currentReplicas, desiredReplicas, minReplicas, maxReplicas } = wanted;
  if (desiredReplicas > currentReplicas) {
    const upLimit = Math.max(scaleUpLimit(currentReplicas, rules.scaleUp, memory, now), currentReplicas);
    const [allowed, limit] =
      maxReplicas > upLimit ? ([upLimit, 'ScaleUpLimit'] as const) : ([maxReplicas, 'TooManyReplicas'] as const);
    if (desiredReplicas > allowed) {
      return [allowed, limit];
    }
  } else if (desiredReplicas < currentReplicas) {
    const downLimit = Math.min(scaleDownLimit(currentReplicas, rules.scaleDown, memory, now), currentReplicas);
    const [allowed, limit] =
      minReplicas < downLimit ? ([downLimit, 'ScaleDownLimit'] as const) : ([minReplicas, 'TooFewReplicas'] as const);
    if (desiredReplicas < allowed) {
      return [allowed, limit];
    }
  }
  return [desiredReplicas, 'DesiredWithinRange'];
}

/** Rounded up, so that a small percentage of few pods still lets them grow. */
const scaleUpLimit = (currentReplicas: number, rules: HPAScalingRules, memory: Memory, now: Micros): number =>
  limitOf(currentReplicas, rules, memory, now, rules.selectPolicy === 'Min' ? Math.min : Math.max, (base, policy) =>
    policy.type === 'Pods' ? base + policy.value : Math.ceil(base * (1 + policy.value / 100)),
  );

const scaleDownLimit = (currentReplicas: number, rules: HPAScalingRules, memory: Memory, now: Micros): number =>
  limitOf(currentReplicas, rules, memory, now, rules.selectPolicy === 'Min' ? Math.max : Math.min, (base, policy) =>
    policy.type === 'Pods' ? base - policy.value : Math.trunc(base * (1 - policy.value / 100)),
  );

type Policy = NonNullable<HPAScalingRules['policies']>[number];

/** What the selected policy allows, each counted from how many pods there were when its period began. */
function limitOf(
  currentReplicas: number,
  { selectPolicy, policies = [] }: HPAScalingRules,
  { scaleUps, scaleDowns }: Memory,
  now: Micros,
  select: (...values: number[]) => number,
  propose: (base: number, policy: Policy) => number,
): number {
  if (selectPolicy === 'Disabled') {
    return currentReplicas;
  }
  const proposals = policies.map((policy) => {
    const cutoff = now - seconds(policy.periodSeconds);
    const base = currentReplicas - changeSince(scaleUps, cutoff) + changeSince(scaleDowns, cutoff);
    return propose(base, policy);
  });
  return select(...proposals);
}

const changeSince = (events: readonly ScaleEvent[], cutoff: Micros): number =>
  events.reduce((sum, { at, change }) => sum + (at > cutoff ? change : 0), 0);
