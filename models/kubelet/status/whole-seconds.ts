import { type Micros, wholeSecond } from '../../../engine/index.js';

/** What the API keeps of an instant the runtime told, if it told any (normalizeStatus, k8s 1.37 status_manager.go). */
export const withWholeSeconds = (at: Micros | undefined): Micros | undefined =>
  at === undefined ? undefined : wholeSecond(at);
