import { type Micros, seconds } from '../../engine/time/micros.js';
import {
  type PersistentVolumeClaim,
  type Pod,
  type Quantity,
  type ResourceQuota,
  type ScopedResourceSelectorRequirement,
  SERVED_KINDS,
  type Service,
} from './generated/types.js';
import type { AnyObject, Kind } from './object.js';
import { isPodTerminal } from './pod.js';
import { limitsOfPod, qosClassOf, requestsOfPod } from './pod-resources.js';
import { type ResourceList, ResourceSum } from './resource-list.js';
import { isExtendedResource } from './resource-names.js';
import { matchesRequirement, type SelectorOperator } from './selector.js';

// What objects count against a ResourceQuota: pkg/quota/v1/evaluator/core

/** What quotas can count. Events they ignore, whoever names them (k8s 1.37 pkg/quota/v1/install DefaultIgnoredResources). */
export const KINDS_IN_QUOTAS: readonly Kind[] = (Object.keys(SERVED_KINDS) as Kind[]).filter(
  (kind) => SERVED_KINDS[kind].namespaced && kind !== 'Event',
);

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'] as const;

/** As PodUsageFunc: a pod that has ended, or should have ended by now, counts only as an object. */
export const podUsage = (pod: Pod, now: Micros): ResourceList =>
  isCharged(pod, now)
    ? { 'count/pods': '1', ...computeUsage(requestsOfPod(pod.spec), limitsOfPod(pod.spec)) }
    : { 'count/pods': '1' };

/** As QuotaV1Pod: a pod stuck in its deletion, on a lost node, does not keep its replacement out. */
export function isCharged(pod: Pod, now: Micros): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const isOverdue =
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds !== undefined &&
    now > deletionTimestamp + seconds(deletionGracePeriodSeconds);
  return !isPodTerminal(pod) && !isOverdue;
}

/** As podComputeUsageHelper, which takes one container's resources as well. */
export function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, Quantity> = { pods: '1' };
  for (const name of COMPUTE) {
    const [request, limit] = [requests[name], limits[name]];
    if (request !== undefined) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    }
    if (limit !== undefined) {
      usage[`limits.${name}`] = limit;
    }
  }
  for (const [name, request] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) {
      usage[name] = request;
    }
    if (name.startsWith('hugepages-') || isExtendedResource(name)) {
      usage[`requests.${name}`] = request;
    }
  }
  return usage;
}

/** What any object counts; undefined for kinds that no quota can name. */
export function usageOf(kind: Kind, object: AnyObject, now: Micros): ResourceList {
  const { apiVersion, plural } = SERVED_KINDS[kind];
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  const counted = { [`count/${plural}${group}`]: '1' };
  switch (kind) {
    case 'Pod':
      return podUsage(object as Pod, now);
    case 'PersistentVolumeClaim':
      return { ...counted, ...claimUsage(object as PersistentVolumeClaim) };
    case 'Service':
      return { ...counted, ...serviceUsage(object as Service) };
    case 'ConfigMap':
    case 'ReplicationController':
    case 'ResourceQuota':
    case 'Secret':
      return { ...counted, [plural]: '1' };
    default:
      return counted;
  }
}

function claimUsage({ spec }: PersistentVolumeClaim): ResourceList {
  const storage = spec.resources?.requests?.['storage'];
  const ofClass = `${spec.storageClassName}.storageclass.storage.k8s.io`;
  return {
    persistentvolumeclaims: '1',
    ...(storage !== undefined && { 'requests.storage': storage }),
    ...(spec.storageClassName && {
      [`${ofClass}/persistentvolumeclaims`]: '1',
      ...(storage !== undefined && { [`${ofClass}/requests.storage`]: storage }),
    }),
  };
}

function serviceUsage({ spec }: Service): ResourceList {
  const ports = spec?.ports ?? [];
  const isLoadBalancer = spec?.type === 'LoadBalancer';
  const nodePorts =
    spec?.type === 'NodePort'
      ? ports.length
      : isLoadBalancer && spec?.allocateLoadBalancerNodePorts !== false
        ? ports.length
        : ports.filter((port) => port.nodePort).length;
  return {
    services: '1',
    'services.nodeports': isLoadBalancer || spec?.type === 'NodePort' ? String(nodePorts) : '0',
    'services.loadbalancers': isLoadBalancer ? '1' : '0',
  };
}

/** The usage of several objects together. */
export function totalUsage(usages: Iterable<ResourceList>): ResourceList {
  const sum = new ResourceSum();
  for (const usage of usages) {
    sum.add(usage);
  }
  return sum.toList();
}

/** Those of a quota's resources that objects of this kind count against. As MatchingResources of the kind's evaluator. */
export function quotaResourcesOf(kind: Kind, names: Iterable<string>): readonly string[] {
  const { apiVersion, plural } = SERVED_KINDS[kind];
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  const isOwn = OWN_RESOURCES[kind] ?? (() => false);
  if (!KINDS_IN_QUOTAS.includes(kind)) {
    return [];
  }
  return [...names].filter((name) => name === `count/${plural}${group}` || isOwn(name));
}

const OWN_RESOURCES: { readonly [K in Kind]?: (name: string) => boolean } = {
  ConfigMap: (name) => name === 'configmaps',
  PersistentVolumeClaim: (name) =>
    name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'),
  Pod: (name) =>
    name === 'pods' ||
    COMPUTE.some((resource) => [resource, `requests.${resource}`, `limits.${resource}`].includes(name)) ||
    /^(requests\.)?hugepages-/.test(name) ||
    (name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length))),
  ReplicationController: (name) => name === 'replicationcontrollers',
  ResourceQuota: (name) => name === 'resourcequotas',
  Secret: (name) => name === 'secrets',
  Service: (name) => name === 'services' || name.startsWith('services.'),
};

/** Whether the quota is about this object at all: every scope must fit, and scopes speak of pods. */
export function isInQuotaScope(quota: ResourceQuota, kind: Kind, object: AnyObject): boolean {
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
