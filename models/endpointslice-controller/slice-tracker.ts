import type { ObjectKey } from '../../engine/index.js';
import type { EndpointSlice } from '../api/index.js';

const DELETION_EXPECTED = -1;

/**
 * Which generation of each slice the controller last wrote, by Service and uid: tells whether the cache lags behind its own writes,
 * and whether a change came from somebody else. As EndpointSliceTracker (k8s.io/endpointslice/util).
 */
export class SliceTracker {
  readonly #generations = new Map<ObjectKey, Map<string, number>>();

  wrote(service: ObjectKey, slice: EndpointSlice): void {
    this.#of(service).set(uidOf(slice), generationOf(slice));
  }

  expectDeletion(service: ObjectKey, slice: EndpointSlice): void {
    this.#of(service).set(uidOf(slice), DELETION_EXPECTED);
  }

  /** A slice is gone; true when that was expected. */
  handleDeletion(service: ObjectKey, slice: EndpointSlice): boolean {
    const generations = this.#of(service);
    const expected = generations.get(uidOf(slice));
    generations.delete(uidOf(slice));
    return expected === DELETION_EXPECTED;
  }

  /** Whether this version is news: a slice it did not write, or a later version than it wrote. */
  isNews(service: ObjectKey, slice: EndpointSlice): boolean {
    const known = this.#generations.get(service)?.get(uidOf(slice));
    return known === undefined || generationOf(slice) > known;
  }

  /** Whether these, from the cache, are older than what was written. */
  areStale(service: ObjectKey, slices: readonly EndpointSlice[]): boolean {
    const generations = this.#generations.get(service);
    if (generations === undefined) {
      return false;
    }
    const cached = new Set(slices.map(uidOf));
    const isOlder = (slice: EndpointSlice): boolean => {
      const known = generations.get(uidOf(slice));
      return known === DELETION_EXPECTED || (known !== undefined && known > generationOf(slice));
    };
    const isMissing = ([uid, generation]: [string, number]): boolean =>
      generation !== DELETION_EXPECTED && !cached.has(uid);
    return slices.some(isOlder) || [...generations].some(isMissing);
  }

  forget(service: ObjectKey): void {
    this.#generations.delete(service);
  }

  clear(): void {
    this.#generations.clear();
  }

  #of(service: ObjectKey): Map<string, number> {
    let generations = this.#generations.get(service);
    if (generations === undefined) {
      generations = new Map();
      this.#generations.set(service, generations);
    }
    return generations;
  }
}

const uidOf = (slice: EndpointSlice): string => slice.metadata.uid ?? '';
const generationOf = (slice: EndpointSlice): number => slice.metadata.generation ?? 0;
