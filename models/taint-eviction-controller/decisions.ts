import { type Micros, seconds } from '../../engine/time/micros.js';
import {
  isSameTaint,
  matchingTolerations,
  minTolerationSeconds,
  type Node,
  type Pod,
  type Taint,
  type Toleration,
} from '../api/index.js';

export const noExecuteTaints = (node: Pick<Node, 'spec'>): readonly Taint[] =>
  node.spec.taints?.filter((taint) => taint.effect === 'NoExecute') ?? [];

/** How long a pod may stay beside these taints, and the taint that says so. */
export type Stay =
  | { readonly kind: 'forever' }
  | { readonly kind: 'not at all'; readonly taint: Taint }
  | { readonly kind: 'until'; readonly tolerationSeconds: number; readonly taint: Taint };

/** As processPodOnNode with GetMatchingTolerations and getMinTolerationTime. There must be a taint. */
export function stayOf(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[]): Stay {
  const used = matchingTolerations(taints, tolerations);
  if (used === undefined) {
    const taint = taints.find((candidate) => matchingTolerations([candidate], tolerations) === undefined) as Taint;
    return { kind: 'not at all', taint };
  }
  const tolerationSeconds = minTolerationSeconds(used);
  if (tolerationSeconds === Number.POSITIVE_INFINITY) {
    return { kind: 'forever' };
  }
  const taint = taints.find((_, i) => minTolerationSeconds([used[i] as Toleration]) === tolerationSeconds) as Taint;
  return { kind: 'until', tolerationSeconds, taint };
}

/** What to do about a pod: nothing, stop its countdown, delete it now, or start the countdown. */
export type EvictionAction =
  | { readonly kind: 'keep' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'evict'; readonly taint: Taint }
  | { readonly kind: 'count down'; readonly taint: Taint; readonly tolerationSeconds: number; readonly delay: Micros };

/**
 * As processPodOnNode. A countdown that began earlier wins over any new one, be it shorter or longer: there, the new end is
 * taken only when the old start plus the new time is not before now plus the new time.
 */
export function evictionAction(stay: Stay, countingSince: Micros | undefined, now: Micros): EvictionAction {
  if (stay.kind === 'forever') {
    return { kind: 'cancel' };
  }
  if (stay.kind === 'not at all') {
    return { kind: 'evict', taint: stay.taint };
  }
  if (countingSince !== undefined && countingSince < now) {
    return { kind: 'keep' };
  }
  const { taint, tolerationSeconds } = stay;
  return { kind: 'count down', taint, tolerationSeconds, delay: seconds(tolerationSeconds) };
}

const isEqualTaint = (a: Taint, b: Taint): boolean =>
  isSameTaint(a, b) && a.value === b.value && a.timeAdded === b.timeAdded;

/** Whether a change of the node is one of its NoExecute taints; when they were added counts too. As NodeUpdated. */
export function changesTaints(before: Node, after: Node): boolean {
  if (before.spec.taints === after.spec.taints) {
    return false;
  }
  const [old, current] = [noExecuteTaints(before), noExecuteTaints(after)];
  return old.length !== current.length || old.some((taint, i) => !isEqualTaint(taint, current[i] as Taint));
}

/** Whether a change of the pod is one of its tolerations or of its node. As PodUpdated. */
export const changesStay = (before: Pod, after: Pod): boolean =>
  before.spec.nodeName !== after.spec.nodeName ||
  (before.spec.tolerations !== after.spec.tolerations &&
    JSON.stringify(before.spec.tolerations) !== JSON.stringify(after.spec.tolerations));
