import type { Taint, Toleration } from './generated/types.js';

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

/**
 * Whether a toleration matches a taint: an empty effect or key matches all, an empty operator means Equal.
 * As Toleration.ToleratesTaint (k8s.io/api core/v1 toleration.go). Operators Lt and Gt match nothing: their gate
 * TaintTolerationComparisonOperators is off by default.
 */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) {
    return false;
  }
  if (toleration.key && toleration.key !== taint.key) {
    return false;
  }
  switch (toleration.operator || 'Equal') {
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

export const isTolerated = (taint: Taint, tolerations: readonly Toleration[] | undefined): boolean =>
  tolerations?.some((toleration) => tolerates(toleration, taint)) ?? false;

/**
 * The first taint with one of these effects that no toleration matches.
 * As FindMatchingUntoleratedTaint (k8s.io/component-helpers scheduling/corev1).
 */
export const firstUntoleratedTaint = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly TaintEffect[],
): Taint | undefined =>
  taints?.find((taint) => (effects as readonly string[]).includes(taint.effect) && !isTolerated(taint, tolerations));

/**
 * For each taint the first toleration that matches it; undefined when one is not tolerated.
 * As GetMatchingTolerations (pkg/apis/core/v1/helper).
 */
export function matchingTolerations(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined,
): readonly Toleration[] | undefined {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const toleration = tolerations?.find((candidate) => tolerates(candidate, taint));
    if (toleration === undefined) {
      return undefined;
    }
    used.push(toleration);
  }
  return used;
}

/**
 * Seconds a pod may stay on the strength of these tolerations: the shortest of them, Infinity when none sets an end, 0 when
 * there are none or one has run out. As getMinTolerationTime (pkg/controller/tainteviction).
 */
export function minTolerationSeconds(used: readonly Toleration[]): number {
  if (used.length === 0) {
    return 0;
  }
  return Math.max(0, Math.min(...used.map((toleration) => toleration.tolerationSeconds ?? Number.POSITIVE_INFINITY)));
}

/** Same key and effect: what a node may carry only once. As Taint.MatchTaint. */
export const isSameTaint = (a: Pick<Taint, 'key' | 'effect'>, b: Pick<Taint, 'key' | 'effect'>): boolean =>
  a.key === b.key && a.effect === b.effect;

export const hasTaint = (taints: readonly Taint[] | undefined, taint: Pick<Taint, 'key' | 'effect'>): boolean =>
  taints?.some((candidate) => isSameTaint(candidate, taint)) ?? false;
