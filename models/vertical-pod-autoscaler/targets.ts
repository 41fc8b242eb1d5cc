import {
  keyFor,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
  requirementsOf,
  type VerticalPodAutoscaler,
} from '../api/index.js';
import type { Informer, InformerFactory } from '../client-go/index.js';
import { selectorOf, TARGET_KINDS, targetKindOf } from './recommendation.js';

/** The workloads that VerticalPodAutoscalers point at, and their pods, from the caches. */
export class Targets {
  readonly pods: Informer<Pod>;
  readonly #workloads: ReadonlyMap<
    string,
    Informer<{
      readonly kind: string;
      readonly spec?: { readonly replicas?: number | undefined; readonly selector?: unknown } | undefined;
    }>
  >;

  constructor(informers: InformerFactory) {
    this.pods = informers.informer('Pod');
    this.#workloads = new Map(TARGET_KINDS.map((kind) => [kind, informers.informer(kind)]));
  }

  /** Undefined when the target is not there, or of a kind that has no selector. */
  selectorOf({ metadata, spec }: VerticalPodAutoscaler): LabelSelector | undefined {
    const kind = targetKindOf(spec);
    const workload = kind && this.#workloads.get(kind)?.get(keyFor(metadata.namespace, spec.targetRef?.name ?? ''));
    return workload && selectorOf(workload);
  }

  podsOf({ metadata }: VerticalPodAutoscaler, selector: LabelSelector): readonly Pod[] {
    const [first] = requirementsOf(selector);
    const { namespace = '' } = metadata;
    const candidates =
      first?.operator === 'In' && first.values.length === 1
        ? this.pods.byIndex('label', `${namespace}/${first.key}=${first.values[0]}`)
        : this.pods.byIndex('namespace', namespace);
    return [...candidates].filter((pod) => matchesLabelSelector(selector, pod.metadata.labels));
  }

  /** spec.replicas of the controller of these pods; a DaemonSet has as many as there are. */
  replicasOf(kind: string, namespace: string | undefined, name: string, pods: number): number {
    const owner = this.#workloads.get(kind)?.get(keyFor(namespace, name));
    return owner?.spec?.replicas ?? pods;
  }
}
