import type {
  EndpointSlice,
  Endpoints,
  LimitRange,
  LimitRangeItem,
  Namespace,
  NetworkPolicy,
  Node,
  PriorityClass,
  ResourceQuota,
  Secret,
  Service,
  ServicePort,
} from '../generated/types.js';
import { change, changeEach, fill, fillUnsaid } from './fill.js';
import { defaultResourceList } from './resource-list.js';

// pkg/apis/core/v1/defaults.go, and of the groups discovery, networking and scheduling

/** Three hours. */
const CLIENT_IP_AFFINITY_SECONDS = 10_800;

export function defaultService(service: Service): Service {
  const { spec } = service;
  const filled = fill(spec ?? {}, { sessionAffinity: 'None', type: 'ClusterIP' });
  const { type, sessionAffinity, sessionAffinityConfig } = filled;
  const isExternal =
    type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (filled.externalIPs?.length ?? 0) > 0);
  const hasInternalPolicy = type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer';
  return change(service, {
    spec: change(
      fillUnsaid(fill(filled, isExternal ? { externalTrafficPolicy: 'Cluster' } : {}), {
        ...(hasInternalPolicy && { internalTrafficPolicy: 'Cluster' }),
        ...(type === 'LoadBalancer' && { allocateLoadBalancerNodePorts: true }),
      }),
      {
        ports: changeEach(filled.ports, defaultServicePort),
        ...(sessionAffinity === 'None' && sessionAffinityConfig && { sessionAffinityConfig: undefined }),
        ...(sessionAffinity === 'ClientIP' &&
          sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined && {
            sessionAffinityConfig: { clientIP: { timeoutSeconds: CLIENT_IP_AFFINITY_SECONDS } },
          }),
      },
    ),
  });
}

const defaultServicePort = (port: ServicePort): ServicePort =>
  change(fill(port, { protocol: 'TCP' }), { targetPort: port.targetPort || port.port });

export const defaultEndpoints = (endpoints: Endpoints): Endpoints =>
  change(endpoints, {
    subsets: changeEach(endpoints.subsets, (subset) =>
      change(subset, { ports: changeEach(subset.ports, (port) => fill(port, { protocol: 'TCP' })) }),
    ),
  });

export const defaultEndpointSlice = (slice: EndpointSlice): EndpointSlice =>
  change(slice, {
    ports: changeEach(slice.ports, (port) => ({ name: '', ...fill(port, { protocol: 'TCP' }) })),
  });

export const defaultSecret = (secret: Secret): Secret => fill(secret, { type: 'Opaque' });

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** A namespace can be selected by its name. */
export function defaultNamespace(namespace: Namespace): Namespace {
  const { metadata, status } = namespace;
  return change(namespace, {
    status: fill(status ?? {}, { phase: 'Active' }),
    ...(metadata.name &&
      metadata.labels?.[NAME_LABEL] !== metadata.name && {
        metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: metadata.name } },
      }),
  });
}

/** What a node does not set apart can be allocated. */
export function defaultNode(node: Node): Node {
  const { status } = node;
  const capacity = status?.capacity && defaultResourceList(status.capacity);
  return change(node, {
    ...(capacity && {
      status: change(status, {
        capacity,
        allocatable: status.allocatable ? defaultResourceList(status.allocatable) : capacity,
      }),
    }),
  });
}

/** podCIDR is the older name of the first of podCIDRs, and is what counts when they differ (conversion.go). */
export function prepareNodeForCreate(node: Node): Node {
  const { podCIDR, podCIDRs = [] } = node.spec ?? {};
  const networks = podCIDR && podCIDR !== podCIDRs[0] ? [podCIDR] : podCIDRs;
  return networks.length > 0
    ? change(node, { spec: change(node.spec ?? {}, { podCIDR: networks[0], podCIDRs: networks }) })
    : node;
}

export const defaultLimitRange = (limitRange: LimitRange): LimitRange =>
  limitRange.spec
    ? change(limitRange, {
        spec: change(limitRange.spec, { limits: changeEach(limitRange.spec.limits, defaultLimitRangeItem) }),
      })
    : limitRange;

/** Limits default to the maximum; requests to the limit, else to the minimum. */
function defaultLimitRangeItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') {
    return item;
  }
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  return { ...item, default: limits, defaultRequest: requests };
}

export const defaultResourceQuota = (quota: ResourceQuota): ResourceQuota =>
  quota.spec?.hard
    ? change(quota, { spec: change(quota.spec, { hard: defaultResourceList(quota.spec.hard) }) })
    : quota;

export const defaultPriorityClass = (priorityClass: PriorityClass): PriorityClass =>
  fillUnsaid(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' });

export function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  const { spec } = policy;
  const withProtocols = <
    R extends { readonly ports?: readonly { readonly protocol?: string | undefined }[] | undefined },
  >(
    rule: R,
  ): R => ({ ...rule, ...(rule.ports && { ports: rule.ports.map((port) => fill(port, { protocol: 'TCP' })) }) });
  return spec
    ? change(policy, {
        spec: {
          ...spec,
          policyTypes: spec.policyTypes?.length
            ? spec.policyTypes
            : ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])],
          ...(spec.ingress && { ingress: spec.ingress.map(withProtocols) }),
          ...(spec.egress && { egress: spec.egress.map(withProtocols) }),
        },
      })
    : policy;
}
