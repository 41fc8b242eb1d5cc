import {
  type Endpoint,
  type EndpointHints,
  isBeingDeleted,
  isPodReady,
  isPodTerminal,
  type Node,
  type Pod,
  type Service,
  type ServicePort,
  type V1EndpointPort,
} from '../api/index.js';

export type AddressType = 'IPv4' | 'IPv6';

/** k8s.io/api core/v1 LabelTopologyZone */
const ZONE_LABEL = 'topology.kubernetes.io/zone';

export const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';

/** The families the Service was given; one that has none yet counts as IPv4. As getAddressTypesForService. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  if (spec?.ipFamilies?.length) {
    return spec.ipFamilies.map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4'));
  }
  return [spec?.clusterIP?.includes(':') ? 'IPv6' : 'IPv4'];
}

/**
 * Whether the pod has an endpoint at all: it has an address and has not ended; one that is being deleted stays until it is gone.
 * As ShouldPodBeInEndpoints (k8s.io/endpointslice/util). Up to 1.26 the restart policy decided which end counts.
 */
export function hasEndpoint(pod: Pod, endsByRestartPolicy: boolean): boolean {
  if (!pod.status?.podIP && !pod.status?.podIPs?.length) {
    return false;
  }
  if (!endsByRestartPolicy) {
    return !isPodTerminal(pod);
  }
  switch (pod.spec.restartPolicy) {
    case 'Never':
      return !isPodTerminal(pod);
    case 'OnFailure':
      return pod.status.phase !== 'Succeeded';
    default:
      return true;
  }
}

/** The Service's ports as this pod serves them; a named port that it lacks is left out. As getEndpointPorts. */
export function endpointPorts(service: Service, pod: Pod): readonly V1EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = portOf(pod, servicePort);
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return port === undefined ? [] : [{ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

/** As podutil.FindPort: regular containers first, then sidecars. */
export function portOf(pod: Pod, { port, targetPort = port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') {
    return targetPort;
  }
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const candidate of container.ports ?? []) {
      if (candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol) {
        return candidate.containerPort;
      }
    }
  }
  return undefined;
}

/** As podToEndpoint (k8s.io/endpointslice/utils.go); undefined when the pod has no address of this family. */
export function podToEndpoint(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): Endpoint | undefined {
  const ips = pod.status?.podIPs?.map(({ ip }) => ip) ?? [pod.status?.podIP ?? ''];
  const addresses = ips.filter((ip) => ip !== undefined && ip.includes(':') === (addressType === 'IPv6'));
  if (addresses.length === 0) {
    return undefined;
  }
  const serving = isPodReady(pod);
  const terminating = isBeingDeleted(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec;
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const isNamed = hostname && subdomain === service.metadata.name && namespace === service.metadata.namespace;
  const endpoint: Endpoint = {
    addresses,
    conditions: { ready, serving, terminating },
    ...(isNamed && { hostname }),
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
  const hints = hintsFor(endpoint, service);
  return hints ? { ...endpoint, hints } : endpoint;
}

/** As ReconcileHintsForTrafficDistribution (k8s.io/endpointslice/trafficdist): only endpoints that are ready get hints. */
function hintsFor({ conditions, zone, nodeName }: Endpoint, service: Service): EndpointHints | undefined {
  const distribution = service.spec?.trafficDistribution;
  if (!conditions?.ready || !zone || !distribution) {
    return undefined;
  }
  const forZones = [{ name: zone }];
  return distribution === 'PreferSameNode' && nodeName ? { forZones, forNodes: [{ name: nodeName }] } : { forZones };
}

/** What makes two entries the same endpoint, whatever their conditions. As hashEndpoint. */
export const endpointIdentity = ({ addresses, targetRef }: Endpoint): string =>
  [...addresses]
    .sort()
    .join(',')
    .concat('|', targetRef?.namespace ?? '', '/', targetRef?.name ?? '', '/', targetRef?.uid ?? '');

/** What makes two lists of ports the same set. As NewPortMapKey. */
export const portsKey = (ports: readonly V1EndpointPort[] | undefined): string =>
  (ports ?? [])
    .map(({ name, port, protocol, appProtocol }) => JSON.stringify([name ?? '', port, protocol, appProtocol]))
    .sort()
    .join();
