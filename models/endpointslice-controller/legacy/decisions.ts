import { type Micros, wholeSecond } from '../../../engine/index.js';
import {
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  isBeingDeleted,
  isPodReady,
  isPodTerminal,
  type Pod,
  podCondition,
  type Service,
} from '../../api/index.js';
import { addressTypesOf, isHeadless, portOf } from '../endpoints.js';

/** k8s 1.37 pkg/controller/endpoint/endpoints_controller.go maxCapacity. */
const MAX_CAPACITY = 1000;

interface Subset {
  readonly addresses: EndpointAddress[];
  readonly notReadyAddresses: EndpointAddress[];
  readonly ports: readonly EndpointPort[];
}

/**
 * The subsets of a Service's Endpoints: what syncService puts together and RepackSubsets (pkg/api/v1/endpoints) packs: addresses with the
 * same ports share one. Their order is that of their ports here; there it is that of hashes.
 */
export function subsetsOf(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const publishes = service.spec?.publishNotReadyAddresses === true;
  const subsets = new Map<string, Subset>();
  for (const pod of pods.filter((one) => !isPodTerminal(one) && (publishes || !isBeingDeleted(one)))) {
    const address = addressOf(pod, service);
    const ports = portsOf(pod, service);
    // Only a headless Service may have no ports.
    if (address !== undefined && (ports.length > 0 || (isHeadless(service) && !service.spec?.ports?.length))) {
      const key = JSON.stringify(ports);
      const subset = subsets.get(key) ?? { addresses: [], notReadyAddresses: [], ports };
      subsets.set(key, subset);
      (publishes || isPodReady(pod) ? subset.addresses : subset.notReadyAddresses).push(address);
    }
  }
  return [...subsets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { addresses, notReadyAddresses, ports }]) => ({
      ...(addresses.length > 0 && { addresses: addresses.sort(byAddressNumber) }),
      ...(notReadyAddresses.length > 0 && { notReadyAddresses: notReadyAddresses.sort(byAddressNumber) }),
      ...(ports.length > 0 && { ports }),
    }));
}

/** As podToEndpointAddressForService: the pod's address of the Service's first family. */
function addressOf(pod: Pod, service: Service): EndpointAddress | undefined {
  const isIPv6 = addressTypesOf(service)[0] === 'IPv6';
  const ips = pod.status?.podIPs?.map(({ ip }) => ip) ?? [pod.status?.podIP];
  const ip = ips.find((one) => one !== undefined && one !== '' && one.includes(':') === isIPv6);
  if (ip === undefined) {
    return undefined;
  }
  const { name, namespace, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec;
  const isNamed = hostname && subdomain === service.metadata.name && namespace === service.metadata.namespace;
  return {
    ip,
    ...(isNamed && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** The Service's ports as this pod serves them, in order. */
const portsOf = (pod: Pod, { spec }: Service): readonly EndpointPort[] =>
  (spec?.ports ?? [])
    .flatMap((servicePort): EndpointPort[] => {
      const port = portOf(pod, servicePort);
      const { name, protocol = 'TCP', appProtocol } = servicePort;
      return port === undefined
        ? []
        : [{ ...(name && { name }), port, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
    })
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** As addrsByIPAndUID: by the bytes of the address. */
function byAddressNumber(a: EndpointAddress, b: EndpointAddress): number {
  const [left, right] = [a, b].map(({ ip, targetRef }) => {
    const bytes = ip.includes(':') ? ip : ip.split('.').map((part) => part.padStart(3, '0'));
    return `${bytes} ${targetRef?.uid ?? ''}`;
  }) as [string, string];
  return left < right ? -1 : 1;
}

const counted = (subsets: readonly EndpointSubset[], field: 'addresses' | 'notReadyAddresses'): number =>
  subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);

export const isOverCapacity = (subsets: readonly EndpointSubset[]): boolean =>
  counted(subsets, 'addresses') + counted(subsets, 'notReadyAddresses') > MAX_CAPACITY;

/** As truncateEndpoints: ready addresses first; of each subset as large a share as it has of all, rounded up. */
export function truncated(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  if (!isOverCapacity(subsets)) {
    return subsets;
  }
  const ready = counted(subsets, 'addresses');
  const cutsReady = ready > MAX_CAPACITY;
  const field = cutsReady ? 'addresses' : 'notReadyAddresses';
  const room = cutsReady ? MAX_CAPACITY : MAX_CAPACITY - ready;
  const all = cutsReady ? ready : counted(subsets, 'notReadyAddresses');
  let left = room;
  return subsets.map(({ addresses, ports, ...rest }) => {
    const found = (cutsReady ? addresses : rest.notReadyAddresses) ?? [];
    const taken = Math.min(Math.ceil((found.length / all) * room), left);
    left -= taken;
    const kept = taken > 0 && { [field]: found.slice(0, taken) };
    return cutsReady ? { ...kept, ports } : { addresses, ...kept, ports };
  });
}

/** When things last happened that a sync has seen. */
export interface TriggerTimes {
  readonly service: Micros;
  readonly pods: ReadonlyMap<string, Micros>;
}

export const triggerTimesOf = (service: Service, pods: readonly Pod[]): TriggerTimes => ({
  service: wholeSecond(service.metadata.creationTimestamp ?? 0),
  pods: new Map(
    pods.flatMap((pod) => {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      return time === undefined ? [] : [[pod.metadata.name, time]];
    }),
  ),
});

/**
 * ComputeEndpointLastChangeTriggerTime (k8s.io/endpointslice/util): the earliest of what has changed since the sync before; for a new
 * Service its creation; undefined when nothing has.
 */
export function lastChangeTriggerTime(now: TriggerTimes, before: TriggerTimes | undefined): Micros | undefined {
  if (before === undefined) {
    return now.service;
  }
  const changed = [...now.pods].filter(([name, time]) => time > (before.pods.get(name) ?? Number.NEGATIVE_INFINITY));
  const times = [...changed.map(([, time]) => time), ...(now.service > before.service ? [now.service] : [])];
  return times.length === 0 ? undefined : Math.min(...times);
}
