import type { Affinity, Labels, PodAffinityTerm } from '../../api/index.js';
import { matchesAll, type Requirement, requirementsOf } from '../../api/index.js';

/** A term of pod affinity, made ready to match. As fwk.AffinityTerm (k8s.io/kube-scheduler framework/types.go). */
export interface AffinityTerm {
  readonly namespaces: readonly string[];
  /** Undefined: no namespace is selected; empty: all are. */
  readonly namespaceSelector: readonly Requirement[] | undefined;
  /** Undefined matches nothing. */
  readonly selector: readonly Requirement[] | undefined;
  readonly topologyKey: string;
}

export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

export interface PodAffinityTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinity: readonly WeightedAffinityTerm[];
}

const NO_TERMS: PodAffinityTerms = {
  requiredAffinity: [],
  requiredAntiAffinity: [],
  preferredAffinity: [],
  preferredAntiAffinity: [],
};

const remembered = new WeakMap<Affinity, { readonly namespace: string; readonly terms: PodAffinityTerms }>();

/** The pod affinity terms of a pod in this namespace, read once per affinity object. */
export function affinityTermsOf(affinity: Affinity | undefined, namespace: string): PodAffinityTerms {
  if (affinity === undefined || (affinity.podAffinity === undefined && affinity.podAntiAffinity === undefined)) {
    return NO_TERMS;
  }
  const found = remembered.get(affinity);
  if (found?.namespace === namespace) {
    return found.terms;
  }
  const { podAffinity, podAntiAffinity } = affinity;
  const read = (term: PodAffinityTerm): AffinityTerm => readTerm(term, namespace);
  const terms: PodAffinityTerms = {
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(read),
    preferredAffinity: (podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ weight, podAffinityTerm }) => ({ ...read(podAffinityTerm), weight }),
    ),
    preferredAntiAffinity: (podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ weight, podAffinityTerm }) => ({ ...read(podAffinityTerm), weight }),
    ),
  };
  remembered.set(affinity, { namespace, terms });
  return terms;
}

function readTerm(term: PodAffinityTerm, namespace: string): AffinityTerm {
  const names = term.namespaces ?? [];
  return {
    namespaces: names.length === 0 && term.namespaceSelector === undefined ? [namespace] : names,
    namespaceSelector: term.namespaceSelector && requirementsOf(term.namespaceSelector),
    selector: term.labelSelector && requirementsOf(term.labelSelector),
    topologyKey: term.topologyKey,
  };
}

/**
 * Whether the term speaks of this pod. `namespaceLabels`: labels of the pod's namespace; undefined where there is no such
 * object, so that only an all-selecting selector takes it.
 */
export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Labels | undefined },
  namespaceLabels: Labels | undefined,
): boolean {
  if (term.selector === undefined || !matchesAll(term.selector, pod.labels)) {
    return false;
  }
  if (term.namespaces.includes(pod.namespace)) {
    return true;
  }
  const { namespaceSelector } = term;
  return (
    namespaceSelector !== undefined &&
    (namespaceSelector.length === 0 ||
      (namespaceLabels !== undefined && matchesAll(namespaceSelector, namespaceLabels)))
  );
}
