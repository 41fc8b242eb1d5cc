import type { CycleState } from './cycle-state.js';
import type { Diagnosis } from './diagnosis.js';
import type { PodInfo } from './pod-info.js';
import type { Profile } from './profile.js';
import type { Snapshot } from './snapshot.js';
import type { Status } from './status.js';

/** What PostFilter works with after a pod was found to fit nowhere. */
export interface PostFilterContext {
  readonly pod: PodInfo;
  readonly profile: Profile;
  readonly state: CycleState;
  readonly snapshot: Snapshot;
  readonly diagnosis: Diagnosis;
}

/** What PostFilter wants done with the pod's nomination: leave it, clear it (''), or set it. */
export interface PostFilterResult {
  /** Undefined: a way was found. */
  readonly status: Status | undefined;
  readonly message: string;
  readonly nominatedNodeName?: string;
  /** Work that the loop waits for before it goes on. */
  readonly finish?: (then: () => void) => void;
}
