import {
  type AnyObject,
  addQuantities,
  compareQuantities,
  type Kind,
  matchesRequirement,
  type Pod,
  qosClassOf,
  type ResourceList,
  type ResourceQuota,
  type ScopedResourceSelectorRequirement,
  type SelectorOperator,
} from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';
import { computeUsage, totalUsage, usageOf } from './quota-usage.js';

/** Resources that every container must name once a quota limits them (pods.go validationSet). */
const MUST_BE_NAMED: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/**
 * Why a new object does not fit its namespace's quotas. Plugin ResourceQuota (k8s.io/apiserver pkg/admission/plugin/resourcequota
 * checkRequest), which compares with the usage that it has charged to the quota's status; here it is counted from the objects.
 */
export function quotaObjection<K extends Kind>(
  kind: K,
  object: AnyObject,
  reader: AdmissionReader,
): string | undefined {
  const { namespace } = object.metadata;
  for (const quota of reader.list('ResourceQuota')) {
    const objection = quota.metadata.namespace === namespace ? objectionOf(quota, kind, object, reader) : undefined;
    if (objection !== undefined) {
      return objection;
    }
  }
  return undefined;
}

function objectionOf(quota: ResourceQuota, kind: Kind, object: AnyObject, reader: AdmissionReader): string | undefined {
  const hard = quota.spec?.hard ?? {};
  const requested = pick(usageOf(kind, object, reader.now), Object.keys(hard));
  if (!isInScope(quota, kind, object)) {
    return undefined;
  }
  if (kind === 'Pod') {
    const missing = unnamedResources(object as Pod, hard);
    if (missing !== undefined) {
      return `failed quota: ${quota.metadata.name}: must specify ${missing}`;
    }
  }
  if (Object.keys(requested).length === 0) {
    return undefined;
  }
  const used = pick(usedBy(quota, kind, reader), Object.keys(requested));
  const exceeded = Object.keys(requested).filter(
    (name) => compareQuantities(addQuantities(used[name] ?? '0', requested[name] ?? '0'), hard[name] ?? '0') > 0,
  );
  return exceeded.length === 0
    ? undefined
    : `exceeded quota: ${quota.metadata.name}, requested: ${show(requested, exceeded)}, used: ${show(used, exceeded)}, limited: ${show(hard, exceeded)}`;
}

const pick = (list: ResourceList, names: readonly string[]): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)));

/** "cpu=1,memory=2Gi" */
const show = (list: ResourceList, names: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => `${name}=${list[name] ?? '0'}`)
    .join(',');

function usedBy(quota: ResourceQuota, kind: Kind, reader: AdmissionReader): ResourceList {
  const counted: ResourceList[] = [];
  for (const object of reader.list(kind)) {
    if (object.metadata.namespace === quota.metadata.namespace && isInScope(quota, kind, object)) {
      counted.push(usageOf(kind, object, reader.now));
    }
  }
  return totalUsage(counted);
}

/** "requests.cpu for: a,b; requests.memory for: a" of the containers that leave out what the quota limits. */
function unnamedResources(pod: Pod, hard: ResourceList): string | undefined {
  const required = Object.keys(hard)
    .filter((name) => MUST_BE_NAMED.has(name))
    .sort();
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const texts = required.flatMap((name) => {
    const silent = containers.filter(
      ({ resources }) => computeUsage(resources?.requests ?? {}, resources?.limits ?? {})[name] === undefined,
    );
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent.map((c) => c.name))].sort().join(',')}`];
  });
  return texts.length === 0 ? undefined : texts.join('; ');
}

/** Whether the quota is about this object at all: every scope must fit, and scopes speak of pods. */
function isInScope(quota: ResourceQuota, kind: Kind, object: AnyObject): boolean {
  const scopes: readonly ScopedResourceSelectorRequirement[] = [
    ...(quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  return scopes.every((scope) => kind === 'Pod' && isPodInScope(object as Pod, scope));
}

function isPodInScope(pod: Pod, { scopeName, operator, values }: ScopedResourceSelectorRequirement): boolean {
  const { spec } = pod;
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return qosClassOf(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort';
    case 'PriorityClass': {
      const labels = spec.priorityClassName ? { [scopeName]: spec.priorityClassName } : {};
      return matchesRequirement(
        { key: scopeName, operator: operator as SelectorOperator, values: values ?? [] },
        labels,
      );
    }
    case 'CrossNamespacePodAffinity':
      return usesCrossNamespaceAffinity(pod);
    default:
      return false;
  }
}

function usesCrossNamespaceAffinity({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((terms) =>
    [
      ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
    ].some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined),
  );
}
