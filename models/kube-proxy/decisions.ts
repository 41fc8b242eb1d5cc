import type { EndpointSlice, Service } from '../api/index.js';

/** An endpoint of one port of a Service, as the proxy knows it. */
export interface ProxiedEndpoint {
  readonly address: string;
  readonly port: number;
  readonly node: string;
  /** "namespace/name" of the pod. */
  readonly pod: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** A Service and its endpoints by the name of the port. */
export interface ServiceRules {
  readonly service: Service;
  readonly endpoints: ReadonlyMap<string, readonly ProxiedEndpoint[]>;
}

/** The node whose rules are asked for. */
export interface Place {
  readonly node: string;
  /** '' when the node has none. */
  readonly zone: string;
}

export interface RoutingFeatures {
  /** Whether endpoints that end but still serve are used when no ready one is left (gate ProxyTerminatingEndpoints). */
  readonly usesTerminating: boolean;
  /** Whether hints for zones are obeyed (gate TopologyAwareHints, later trafficDistribution). */
  readonly usesZoneHints: boolean;
  /** Whether hints for nodes are (gate PreferSameTrafficDistribution). */
  readonly usesNodeHints: boolean;
}

/** Where a connection goes: to one of these endpoints, each as likely; with none it is refused or swallowed. */
export interface Route {
  readonly endpoints: readonly ProxiedEndpoint[];
  readonly otherwise: 'refused' | 'timeout';
}

/** Whether the proxy has rules for it at all; headless Services and names of others are for DNS alone. */
export const isProxied = ({ spec }: Service): boolean =>
  spec?.type !== 'ExternalName' && spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';

/** The rules of a Service, from the slices that the proxy knows of. As EndpointsCache.getEndpointsMap. */
export function rulesOf(service: Service, slices: readonly EndpointSlice[]): ServiceRules {
  const endpoints = new Map<string, ProxiedEndpoint[]>();
  for (const { ports, endpoints: listed, addressType } of slices) {
    for (const { name = '', port } of addressType === 'IPv4' ? (ports ?? []) : []) {
      const known = endpoints.get(name) ?? [];
      endpoints.set(name, known);
      for (const { addresses, conditions, nodeName = '', targetRef, hints } of listed ?? []) {
        const ready = conditions?.ready ?? true;
        known.push({
          address: addresses[0] ?? '',
          port: port ?? 0,
          node: nodeName,
          pod: targetRef?.kind === 'Pod' ? `${targetRef.namespace}/${targetRef.name}` : '',
          ready,
          serving: conditions?.serving ?? ready,
          terminating: conditions?.terminating ?? false,
          zoneHints: (hints?.forZones ?? []).map((zone) => zone.name),
          nodeHints: (hints?.forNodes ?? []).map((node) => node.name),
        });
      }
    }
  }
  return { service, endpoints };
}

/**
 * The route of a connection to a port of the Service: from a process on the node ('inside') or from outside through a port of the
 * node ('outside'). As CategorizeEndpoints (k8s 1.37 pkg/proxy/topology.go) and what iptables and nftables do with its answer: with no
 * endpoint anywhere they refuse, with none that the policy allows they drop.
 */
export function routeTo(
  rules: ServiceRules,
  portName: string,
  place: Place,
  from: 'inside' | 'outside',
  features: RoutingFeatures,
): Route {
  const { spec } = rules.service;
  const all = rules.endpoints.get(portName) ?? [];
  const policy = from === 'inside' ? spec?.internalTrafficPolicy : spec?.externalTrafficPolicy;
  if (policy === 'Local') {
    const isUsable = ({ ready, serving, terminating }: ProxiedEndpoint): boolean =>
      ready || (features.usesTerminating && serving && terminating);
    const local = usable(
      all.filter(({ node }) => node === place.node),
      features,
    );
    return { endpoints: local, otherwise: all.some(isUsable) ? 'timeout' : 'refused' };
  }
  const mode = topologyMode(all, place, features);
  const isNear = ({ zoneHints, nodeHints }: ProxiedEndpoint): boolean =>
    mode === 'node' ? nodeHints.includes(place.node) : zoneHints.includes(place.zone);
  const ready = usable(all, features);
  return { endpoints: mode === undefined ? ready : ready.filter(isNear), otherwise: 'refused' };
}

/** Those that are ready; without one, those that end and still serve. */
function usable(endpoints: readonly ProxiedEndpoint[], features: RoutingFeatures): readonly ProxiedEndpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 || !features.usesTerminating
    ? ready
    : endpoints.filter(({ serving, terminating }) => serving && terminating);
}

/** As topologyModeFromHints: hints count only if every ready endpoint has some, and one is for here. */
function topologyMode(
  endpoints: readonly ProxiedEndpoint[],
  { node, zone }: Place,
  { usesZoneHints, usesNodeHints }: RoutingFeatures,
): 'node' | 'zone' | undefined {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const fits = (hintsOf: (endpoint: ProxiedEndpoint) => readonly string[], here: string): boolean =>
    ready.length > 0 &&
    ready.every((endpoint) => hintsOf(endpoint).length > 0) &&
    ready.some((endpoint) => hintsOf(endpoint).includes(here));
  if (usesNodeHints && fits(({ nodeHints }) => nodeHints, node)) {
    return 'node';
  }
  return usesZoneHints && fits(({ zoneHints }) => zoneHints, zone) ? 'zone' : undefined;
}
