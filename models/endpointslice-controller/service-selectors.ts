import { type Labels, matchesSet, type Pod, type Service } from '../api/index.js';

const NONE: readonly Service[] = [];

/** Finds the Services that select a pod without looking at them all: by one pair of each selector. */
export class ServiceSelectors {
  readonly #services = new Map<string, Set<Service>>();

  add(service: Service): void {
    const term = termOf(service);
    if (term !== undefined) {
      const entry = this.#services.get(term) ?? new Set<Service>();
      this.#services.set(term, entry.add(service));
    }
  }

  remove(service: Service): void {
    const term = termOf(service);
    const entry = term === undefined ? undefined : this.#services.get(term);
    entry?.delete(service);
    if (term !== undefined && entry?.size === 0) {
      this.#services.delete(term);
    }
  }

  /** In the order in which each label's Services came. */
  of(pod: Pod, labels: Labels | undefined = pod.metadata.labels): Iterable<Service> {
    return this.#services.size === 0 ? NONE : this.#find(pod, labels);
  }

  *#find(pod: Pod, labels: Labels | undefined): Iterable<Service> {
    for (const [key, value] of Object.entries(labels ?? {})) {
      for (const service of this.#services.get(`${pod.metadata.namespace}/${key}=${value}`) ?? []) {
        if (matchesSet(service.spec?.selector, labels)) {
          yield service;
        }
      }
    }
  }

  clear(): void {
    this.#services.clear();
  }
}

function termOf({ metadata, spec }: Service): string | undefined {
  const first = Object.entries(spec?.selector ?? {})[0];
  return first && `${metadata.namespace}/${first[0]}=${first[1]}`;
}
