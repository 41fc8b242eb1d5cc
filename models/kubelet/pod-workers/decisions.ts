import type { Micros, Seconds } from '../../../engine/time/micros.js';
import type { Pod } from '../../api/index.js';

export interface GracePeriodRules {
  /** [23] An override of 0 seconds is taken for none. */
  readonly zeroOverrideIsNone: boolean;
}

/**
 * Seconds a terminating pod gets: the least of what it had, deletionGracePeriodSeconds and the override; what the spec says
 * where nobody said anything; never less than 1. As calculateEffectiveGracePeriod (k8s 1.37 and 1.23
 * pkg/kubelet/pod_workers.go). `current` is 0 while none was set.
 */
export function effectiveGracePeriod(
  current: Seconds,
  pod: Pod,
  override: Seconds | undefined,
  { zeroOverrideIsNone }: GracePeriodRules,
): Seconds {
  let gracePeriod = current;
  let isOverridden = false;
  for (const shorter of [pod.metadata.deletionGracePeriodSeconds, override]) {
    if (shorter !== undefined && (gracePeriod === 0 || shorter < gracePeriod)) {
      gracePeriod = shorter;
      isOverridden = true;
    }
  }
  if (gracePeriod === 0 && (zeroOverrideIsNone || !isOverridden)) {
    gracePeriod = pod.spec.terminationGracePeriodSeconds ?? 0;
  }
  return Math.max(1, gracePeriod);
}

/** Why a sync of a pod did not come to its end. */
export interface SyncError {
  /** 'network': the node's network plugin is not ready. 'canceled': a newer wish made it pointless. */
  readonly kind: 'error' | 'network' | 'canceled';
  readonly message: string;
  /** The earliest end of a crash-loop back-off among its causes. */
  readonly backOffUntil?: Micros | undefined;
}

export interface RequeueSettings {
  readonly syncFrequency: Micros;
  readonly resyncJitter: number;
  readonly backOffPeriod: Micros;
  readonly backOffOnTransientErrorPeriod: Micros;
  readonly backOffJitter: number;
  /** [37] A pod in CrashLoopBackOff is looked at again when that ends, not after the back-off period. */
  readonly requeuesAtBackOffExpiry: boolean;
}

/** When a pod is looked at again: `base`, stretched by up to `jitter` of itself. */
export interface Requeue {
  readonly base: Micros;
  readonly jitter: number;
}

/** As completeWork (k8s 1.37 and 1.23 pkg/kubelet/pod_workers.go). */
export function requeueAfter(
  hasPhaseTransition: boolean,
  error: SyncError | undefined,
  now: Micros,
  settings: RequeueSettings,
): Requeue {
  if (hasPhaseTransition) {
    return { base: 0, jitter: 0 };
  }
  if (error === undefined) {
    return { base: settings.syncFrequency, jitter: settings.resyncJitter };
  }
  if (error.kind === 'network') {
    return { base: settings.backOffOnTransientErrorPeriod, jitter: settings.backOffJitter };
  }
  const backOff =
    settings.requeuesAtBackOffExpiry && error.backOffUntil !== undefined
      ? error.backOffUntil - now
      : settings.backOffPeriod;
  return { base: Math.min(Math.max(0, backOff), settings.syncFrequency), jitter: settings.backOffJitter };
}
