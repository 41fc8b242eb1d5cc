import {
  isPodReady,
  isPodTerminal,
  type Labels,
  matchesSet,
  type Pod,
  type Service,
  semanticallyEqual,
} from '../api/index.js';
import type { Informer } from '../client-go/index.js';

const NONE: readonly Service[] = [];

/** Finds the Services that select a pod without looking at them all: by one pair of each selector. */
export class ServiceSelectors {
  readonly #services = new Map<string, Set<Service>>();

  /** Whether no Service selects any pod. */
  get isEmpty(): boolean {
    return this.#services.size === 0;
  }

  /** Follows what Services select; tells of each Service that has changed, and of those that a change of a pod concerns. */
  follow(
    { services, pods }: { readonly services: Informer<Service>; readonly pods: Informer<Pod> },
    onService: (service: Service) => void,
    onPods: (concerned: Iterable<Service>) => void,
  ): void {
    services.onChange({
      added: (service) => {
        this.add(service);
        onService(service);
      },
      modified: (service, before) => {
        this.remove(before);
        this.add(service);
        onService(service);
      },
      deleted: (service) => {
        this.remove(service);
        onService(service);
      },
    });
    pods.onChange({
      added: (pod) => onPods(this.of(pod)),
      modified: (pod, before) => onPods(servicesToUpdate(this, pod, before)),
      deleted: (pod) => onPods(this.of(pod)),
    });
  }

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
    return this.isEmpty ? NONE : this.#find(pod, labels);
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

/**
 * Services whose endpoints a change of a pod may change: those of before, too, when labels decide anew. As GetServicesToUpdateOnPodChange
 * and podEndpointsChanged (k8s.io/endpointslice/util).
 */
function* servicesToUpdate(selectors: ServiceSelectors, pod: Pod, before: Pod): Iterable<Service> {
  if (selectors.isEmpty) {
    return;
  }
  const labelsChanged =
    !semanticallyEqual(pod.metadata.labels, before.metadata.labels) ||
    pod.spec.hostname !== before.spec.hostname ||
    pod.spec.subdomain !== before.spec.subdomain;
  if (labelsChanged || hasEndpointChanged(pod, before)) {
    yield* selectors.of(pod);
  }
  if (labelsChanged) {
    yield* selectors.of(before);
  }
}

const hasEndpointChanged = (pod: Pod, before: Pod): boolean =>
  pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
  isPodReady(pod) !== isPodReady(before) ||
  isPodTerminal(pod) !== isPodTerminal(before) ||
  pod.spec.nodeName !== before.spec.nodeName ||
  pod.status?.podIP !== before.status?.podIP ||
  !semanticallyEqual(pod.status?.podIPs, before.status?.podIPs);

/** Pods that a Service selects. */
export function selectedPods({ metadata, spec }: Service, pods: Informer<Pod>): readonly Pod[] {
  const selector = spec?.selector ?? {};
  const first = Object.entries(selector)[0];
  const { namespace = '' } = metadata;
  const candidates = first
    ? pods.byIndex('label', `${namespace}/${first[0]}=${first[1]}`)
    : pods.byIndex('namespace', namespace);
  return [...candidates].filter((pod) => matchesSet(selector, pod.metadata.labels));
}
