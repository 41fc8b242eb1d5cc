import { type Micros, type ObjectKey, seconds } from '../../engine/index.js';

interface Expected {
  creations: number;
  deletions: number;
  readonly since: Micros;
}

/** pkg/controller/controller_utils.go ExpectationsTimeout: after this, whatever was expected is no longer waited for. */
const EXPECTATIONS_TIMEOUT = seconds(5 * 60);

/**
 * What a controller's own writes will show in its cache but have not yet; until then it must not act again.
 * As UIDTrackingControllerExpectations (pkg/controller/controller_utils.go). Keys are those of the owner.
 */
export class Expectations {
  readonly #expected = new Map<ObjectKey, Expected>();
  /** Keys of the objects whose deletion is awaited, by owner. */
  readonly #deleting = new Map<ObjectKey, Set<ObjectKey>>();

  expectCreations(owner: ObjectKey, count: number, now: Micros): void {
    this.#expected.set(owner, { creations: count, deletions: 0, since: now });
  }

  expectDeletions(owner: ObjectKey, objects: readonly ObjectKey[], now: Micros): void {
    this.#deleting.set(owner, new Set(objects));
    this.#expected.set(owner, { creations: 0, deletions: objects.length, since: now });
  }

  /** Creations and deletions of one sync. */
  expect(owner: ObjectKey, creations: number, deletions: readonly ObjectKey[], now: Micros): void {
    this.#deleting.set(owner, new Set(deletions));
    this.#expected.set(owner, { creations, deletions: deletions.length, since: now });
  }

  /** A creation was seen, or will never happen. */
  creationObserved(owner: ObjectKey, count = 1): void {
    const expected = this.#expected.get(owner);
    if (expected !== undefined) {
      expected.creations -= count;
    }
  }

  /** The deletion of this object was seen (its first sign counts), or will never happen. */
  deletionObserved(owner: ObjectKey, object: ObjectKey): void {
    const deleting = this.#deleting.get(owner);
    if (deleting === undefined || deleting.size === 0 || !deleting.delete(object)) {
      return;
    }
    const expected = this.#expected.get(owner);
    if (expected !== undefined) {
      expected.deletions--;
    }
  }

  /** Whether the owner may be acted on: everything expected was seen, or too long ago, or nothing is. */
  areSatisfied(owner: ObjectKey, now: Micros): boolean {
    const expected = this.#expected.get(owner);
    return (
      expected === undefined ||
      (expected.creations <= 0 && expected.deletions <= 0) ||
      now - expected.since > EXPECTATIONS_TIMEOUT
    );
  }

  /** The owner is gone. */
  delete(owner: ObjectKey): void {
    this.#expected.delete(owner);
    this.#deleting.delete(owner);
  }

  /** The process dies. */
  clear(): void {
    this.#expected.clear();
    this.#deleting.clear();
  }
}
