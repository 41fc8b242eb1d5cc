import type {
  Container,
  LabelSelector,
  LabelSelectorRequirement,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
} from '../generated/types.js';
import { aggregateContainerLimits, aggregateContainerRequests, computeQosClass } from '../pod-resources.js';
import type { ResourceList } from '../resource-list.js';
import type { Labels } from '../selector.js';
import { change, changeEach, settled } from './fill.js';
import type { DefaultingGates } from './gates.js';
import { defaultPodSpec } from './pod-spec.js';

// pkg/apis/core/v1/defaults.go SetDefaults_Pod: what only pods are filled with, and templates are not

const defaultSpecOfPod: (spec: PodSpec) => PodSpec = settled((sent) => {
  const spec = defaultPodSpec(sent);
  const complete = (container: Container): Container =>
    withHostPorts(withRequestsOfLimits(container), spec.hostNetwork === true);
  return change(spec, {
    containers: changeEach(spec.containers, complete),
    ...(spec.initContainers && { initContainers: changeEach(spec.initContainers, complete) }),
    enableServiceLinks: spec.enableServiceLinks ?? true,
  });
});

/** Fills up a pod as it is decoded. Pods that come with the same spec share the filled one. */
export const defaultPod = (pod: Pod): Pod => change(pod, { spec: defaultSpecOfPod(pod.spec) });

/** What is limited and not requested is requested to the limit. */
function withRequestsOfLimits(container: Container): Container {
  const { limits, requests } = container.resources ?? {};
  return limits === undefined || Object.keys(limits).every((name) => requests?.[name] !== undefined)
    ? container
    : { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
}

/** With hostNetwork, containers listen on the ports of the node. */
export function withHostPorts(container: Container, usesHostNetwork: boolean): Container {
  return usesHostNetwork && container.ports
    ? change(container, {
        ports: changeEach(container.ports, (port) =>
          port.hostPort ? port : { ...port, hostPort: port.containerPort },
        ),
      })
    : container;
}

/**
 * pkg/registry/core/pod/strategy.go PrepareForCreate: status, QoS class, and what is worked out from other fields.
 * The registry has set phase and metadata already.
 */
export function preparePodForCreate(pod: Pod, gates: DefaultingGates): Pod {
  const spec = withMatchLabelKeys(
    gates.PodLevelResourcesFixDefaulting ? withPodLevelResources(pod.spec) : pod.spec,
    pod.metadata.labels ?? {},
  );
  const status = { phase: 'Pending', qosClass: computeQosClass(spec), ...pod.status };
  return { ...pod, spec, status: spec.schedulingGates?.length ? { ...status, conditions: [GATED] } : status };
}

/** applySchedulingGatedCondition */
const GATED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

/**
 * Pod-level requests and limits that follow from the containers' ones, once a pod sets some of them (kubernetes#140514): limits of
 * huge pages, requests where there are limits, limits where every container has one.
 */
function withPodLevelResources(spec: PodSpec): PodSpec {
  const { resources } = spec;
  if (resources === undefined || (isEmpty(resources.limits) && isEmpty(resources.requests))) {
    return spec;
  }
  const containerLimits = aggregateContainerLimits(spec);
  const pages = pick(containerLimits, (name) => isHugePages(name) && resources.requests?.[name] === undefined);
  let limits: ResourceList = { ...pages, ...resources.limits };
  let requests: ResourceList = resources.requests ?? {};
  if (!isEmpty(limits)) {
    requests = { ...pick(limits, isPodLevel), ...pick(aggregateContainerRequests(spec), isCompute), ...requests };
  }
  if (!Object.keys(limits).some(isPodLevel) && Object.keys(requests).some(isPodLevel)) {
    limits = { ...pick(containerLimits, (name) => isCompute(name) && everyContainerLimits(spec, name)), ...limits };
  }
  return {
    ...spec,
    resources: {
      ...resources,
      ...(!isEmpty(limits) && { limits }),
      ...(!isEmpty(requests) && { requests }),
    },
  };
}

const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory';
const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isPodLevel = (name: string): boolean => isCompute(name) || isHugePages(name);
const isEmpty = (list: ResourceList | undefined): boolean => Object.keys(list ?? {}).length === 0;

const pick = (list: ResourceList, wanted: (name: string) => boolean): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([name]) => wanted(name)));

const everyContainerLimits = (spec: PodSpec, name: string): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].every(
    (container) => container.resources?.limits?.[name] !== undefined,
  );

/** matchLabelKeys of affinity terms and spread constraints become expressions of their selectors. */
function withMatchLabelKeys(spec: PodSpec, labels: Labels): PodSpec {
  const { affinity, topologySpreadConstraints } = spec;
  const merge = (term: PodAffinityTerm): PodAffinityTerm => mergeKeys(term, labels);
  const mergeTerms = (terms: PodAffinity | undefined): PodAffinity | undefined =>
    terms &&
    change<PodAffinity>(terms, {
      requiredDuringSchedulingIgnoredDuringExecution: changeEach(
        terms.requiredDuringSchedulingIgnoredDuringExecution,
        merge,
      ),
      preferredDuringSchedulingIgnoredDuringExecution: changeEach(
        terms.preferredDuringSchedulingIgnoredDuringExecution,
        (weighted) => change(weighted, { podAffinityTerm: merge(weighted.podAffinityTerm) }),
      ),
    });
  return change(spec, {
    ...(affinity && {
      affinity: change(affinity, {
        podAffinity: mergeTerms(affinity.podAffinity),
        podAntiAffinity: mergeTerms(affinity.podAntiAffinity),
      }),
    }),
    topologySpreadConstraints: changeEach(topologySpreadConstraints, (constraint) => mergeKeys(constraint, labels)),
  });
}

interface WithLabelKeys {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

function mergeKeys<T extends WithLabelKeys>(term: T, labels: Labels): T {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const expressions = (keys: readonly string[], operator: string): LabelSelectorRequirement[] =>
    keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  const added = [...expressions(matchLabelKeys, 'In'), ...expressions(mismatchLabelKeys, 'NotIn')];
  return labelSelector === undefined || added.length === 0
    ? term
    : {
        ...term,
        labelSelector: { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...added] },
      };
}
