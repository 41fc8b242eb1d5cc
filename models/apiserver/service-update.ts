import type { Service, ServicePort, ServiceSpec } from '../api/index.js';
import { isHeadless, isSameList } from './service-families.js';

export const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const needsNodePort = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** pkg/api/service NeedsHealthCheck */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** pkg/api/service ExternallyAccessible */
const needsExternalTrafficPolicy = (spec: ServiceSpec): boolean =>
  needsNodePort(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

/** The list of a new Service that came with one address. As normalizeClusterIPs (pkg/registry/core/service/storage/storage.go). */
export function withAddressList(service: Service): Service {
  const { clusterIP, clusterIPs } = service.spec ?? {};
  return clusterIP && !clusterIPs?.length
    ? { ...service, spec: { ...service.spec, clusterIPs: [clusterIP] } }
    : service;
}

/**
 * What a client leaves out of a PUT stays as it was given, and what the new type has no use for goes. As patchAllocatedValues
 * (k8s 1.37 pkg/registry/core/service/storage/storage.go) and dropTypeDependentFields (pkg/registry/core/service/strategy.go).
 */
export function withStandingAddresses(wanted: Service, { spec: before = {} }: Service): Service {
  const { spec } = wanted;
  if (spec === undefined || spec === before) {
    return wanted;
  }
  const next = withoutUseless(withAllocated(spec, before), before);
  return next === spec ? wanted : { ...wanted, spec: next };
}

function withAllocated(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let next = spec;
  if (needsClusterIP(before) && needsClusterIP(spec) && before.clusterIP) {
    const clusterIP = spec.clusterIP || before.clusterIP;
    if (clusterIP !== before.clusterIP && isSameList(spec.clusterIPs, before.clusterIPs)) {
      next = { ...next, clusterIPs: [clusterIP] };
    } else if (clusterIP === before.clusterIP && !spec.clusterIPs?.length) {
      next = { ...next, clusterIP, clusterIPs: before.clusterIPs };
    } else if (clusterIP !== spec.clusterIP) {
      next = { ...next, clusterIP };
    }
    // The families came with the address: alloc.go initIPFamilyFields infers them anew from it, with the policy of before.
    if (spec.ipFamilies === undefined && clusterIP === before.clusterIP && !isHeadless(before)) {
      next = { ...next, ipFamilies: before.ipFamilies };
    }
  }
  if (needsNodePort(before) && needsNodePort(spec)) {
    next = { ...next, ports: withStandingPorts(spec.ports ?? [], before.ports ?? []) };
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec) && !spec.healthCheckNodePort) {
    next = { ...next, healthCheckNodePort: before.healthCheckNodePort };
  }
  return next;
}

/** Ports of the node are known again by the port's name. */
function withStandingPorts(ports: readonly ServicePort[], before: readonly ServicePort[]): readonly ServicePort[] {
  const nodePorts = new Map(before.map(({ name, nodePort }) => [name ?? '', nodePort]));
  const used = new Set(ports.map(({ nodePort }) => nodePort));
  return ports.map((port) => {
    const standing = nodePorts.get(port.name ?? '');
    if (port.nodePort || !standing || used.has(standing)) {
      return port;
    }
    used.add(standing);
    return { ...port, nodePort: standing };
  });
}

/** Only what the client left as it was: what it set anew is for validation to refuse. */
function withoutUseless(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const drop: (keyof ServiceSpec)[] = [];
  const isSame = (field: 'clusterIPs' | 'ipFamilies'): boolean => isSameList(spec[field], before[field]);
  if (needsClusterIP(before) && !needsClusterIP(spec)) {
    if (isSame('clusterIPs')) {
      drop.push('clusterIP', 'clusterIPs');
    }
    if (isSame('ipFamilies')) {
      drop.push('ipFamilies');
    }
    if (spec.ipFamilyPolicy === before.ipFamilyPolicy) {
      drop.push('ipFamilyPolicy');
    }
  }
  const dropIfSame = (wasNeeded: boolean, isNeeded: boolean, field: keyof ServiceSpec): void => {
    if (wasNeeded && !isNeeded && spec[field] === before[field]) {
      drop.push(field);
    }
  };
  dropIfSame(needsHealthCheck(before), needsHealthCheck(spec), 'healthCheckNodePort');
  dropIfSame(before.type === 'LoadBalancer', spec.type === 'LoadBalancer', 'allocateLoadBalancerNodePorts');
  dropIfSame(before.type === 'LoadBalancer', spec.type === 'LoadBalancer', 'loadBalancerClass');
  dropIfSame(needsExternalTrafficPolicy(before), needsExternalTrafficPolicy(spec), 'externalTrafficPolicy');
  const dropsPorts =
    needsNodePort(before) && !needsNodePort(spec) && isSameList(nodePortsOf(spec).sort(), nodePortsOf(before).sort());
  const kept = drop.length === 0 ? spec : without(spec, drop);
  return dropsPorts ? { ...kept, ports: kept.ports?.map((port) => without(port, ['nodePort'])) } : kept;
}

const nodePortsOf = ({ ports }: ServiceSpec): number[] => (ports ?? []).flatMap(({ nodePort }) => nodePort || []);

const without = <T extends object>(object: T, fields: readonly (keyof T)[]): T =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field as keyof T))) as T;
