import type { Micros } from '../../../engine/index.js';
import type { AnyObject, Volume } from '../../api/index.js';
import type { Reference } from '../objects/references.js';

export interface OperationBackOff {
  readonly initial: Micros;
  readonly longest: Micros;
}

/** One volume of one pod on its way to being mounted. */
export class Mount {
  readonly volume: Volume;
  /** What its files are made of, and the versions they were last made of. */
  readonly references: readonly Reference[];
  written: readonly (AnyObject | undefined)[] = [];
  /** The claim it stands for. */
  readonly claimName: string | undefined;
  /** The volume behind the claim is known. */
  isFound = false;
  /** Its name in the node's status, where it has to be attached first. */
  attachable: string | undefined;
  /** Why its claim cannot be used now. */
  claimError: string | undefined;
  isAttached = false;
  isMounted = false;
  /** Its files have to be made anew; the pod keeps the old ones until then. */
  isOutdated = false;
  #backOff: Micros = 0;
  #failedAt: Micros = Number.NEGATIVE_INFINITY;

  constructor(volume: Volume, references: readonly Reference[], claimName: string | undefined) {
    this.volume = volume;
    this.references = references;
    this.claimName = claimName;
  }

  get isDone(): boolean {
    return this.isMounted && !this.isOutdated;
  }

  /** Nothing is tried up to and including this instant (nestedpendingoperations SafeToRetry). */
  get waitsUntil(): Micros {
    return this.#failedAt + this.#backOff;
  }

  succeeded(): void {
    this.#backOff = 0;
    this.#failedAt = Number.NEGATIVE_INFINITY;
  }

  /** As ExponentialBackoff.Update (k8s 1.37 pkg/util/goroutinemap/exponentialbackoff). */
  failed(now: Micros, { initial, longest }: OperationBackOff): void {
    this.#backOff = this.#backOff === 0 ? initial : Math.min(2 * this.#backOff, longest);
    this.#failedAt = now;
  }
}
