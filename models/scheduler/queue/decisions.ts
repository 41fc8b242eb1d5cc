import { MICROS_PER_SECOND, type Micros, wholeSecond } from '../../../engine/time/micros.js';

export interface BackoffSettings {
  readonly podInitialBackoff: Micros;
  /** 0 turns back-off off. */
  readonly podMaxBackoff: Micros;
  /** Back-off ends on whole seconds and errors count apart; before, to the microsecond and by attempts. */
  readonly alignsBackoff: boolean;
}

/** What of a waiting pod decides its back-off. */
export interface BackoffState {
  readonly timestamp: Micros;
  readonly attempts: number;
  readonly unschedulableCount: number;
  readonly consecutiveErrorsCount: number;
}

/** How long to wait after the last failure: doubled each time, capped. As calculateBackoffDuration (backoff_queue.go). */
function backoffDuration(state: BackoffState, settings: BackoffSettings): Micros {
  const count = settings.alignsBackoff ? state.consecutiveErrorsCount || state.unschedulableCount : state.attempts;
  if (count === 0 || settings.podMaxBackoff === 0) {
    return 0;
  }
  return Math.min(settings.podInitialBackoff * 2 ** (count - 1), settings.podMaxBackoff);
}

/** When back-off ends; -Infinity when there is none. As getBackoffTime with alignToWindow. */
export function backoffExpiry(state: BackoffState, settings: BackoffSettings): Micros {
  const duration = backoffDuration(state, settings);
  if (duration === 0) {
    return Number.NEGATIVE_INFINITY;
  }
  const expiry = state.timestamp + duration;
  return settings.alignsBackoff ? wholeSecond(expiry) : expiry;
}

/** A pod whose back-off ends in this very second still waits: the flush of the next one lets it go. As isEntityBackingoff. */
export const isBackingOff = (expiry: Micros, now: Micros, settings: BackoffSettings): boolean =>
  settings.alignsBackoff ? expiry >= wholeSecond(now) : expiry > now;

/** The flush that lets go a pod with this expiry. */
export const flushTime = (expiry: Micros, startedAt: Micros, settings: BackoffSettings): Micros =>
  settings.alignsBackoff ? expiry + MICROS_PER_SECOND : nextTick(expiry, startedAt, MICROS_PER_SECOND);

/** The first multiple of `period` after the start that is not before `time`. */
export const nextTick = (time: Micros, startedAt: Micros, period: Micros): Micros =>
  startedAt + Math.max(0, Math.ceil((time - startedAt) / period)) * period;
