import {
  controllerOf,
  controllerReference,
  type Endpoint,
  type EndpointSlice,
  type Node,
  type ObjectMeta,
  type Pod,
  type Service,
  semanticallyEqual,
  type V1EndpointPort,
} from '../api/index.js';
import {
  type AddressType,
  addressTypesOf,
  endpointIdentity,
  endpointPorts,
  hasEndpoint,
  isHeadless,
  podToEndpoint,
  portsKey,
} from './endpoints.js';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';

export interface SliceSettings {
  readonly maxEndpointsPerSlice: number;
  /** Up to 1.26: which end of a pod takes its endpoint away depends on its restart policy. */
  readonly endsByRestartPolicy: boolean;
}

/** What a sync of a Service sees. */
export interface Seen {
  readonly service: Service;
  /** Pods that its selector matches. */
  readonly pods: readonly Pod[];
  /** Slices that carry its name and this controller's. */
  readonly slices: readonly EndpointSlice[];
  nodeOf(pod: Pod): Node | undefined;
}

export type SliceDraft = Omit<EndpointSlice, 'metadata'> & { readonly metadata: Partial<ObjectMeta> };

export interface SliceChanges {
  readonly create: readonly SliceDraft[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  /** Pods that were left out because their node does not exist: the Service is tried again after a while. */
  readonly withoutNode: readonly Pod[];
}

/** What to write so that the slices show the Service's pods. As Reconciler.Reconcile (k8s.io/endpointslice). */
export function reconcileSlices(seen: Seen, settings: SliceSettings): SliceChanges {
  const addressTypes = addressTypesOf(seen.service);
  const isWanted = (slice: EndpointSlice): boolean => addressTypes.some((type) => type === slice.addressType);
  const groups = addressTypes.map((type) => {
    const existing = seen.slices.filter((slice) => slice.addressType === type);
    return reuseDeleted(reconcileFamily(seen, existing, type, settings), seen.service);
  });
  return {
    create: groups.flatMap((group) => group.create),
    update: groups.flatMap((group) => group.update),
    delete: [...groups.flatMap((group) => group.delete), ...seen.slices.filter((slice) => !isWanted(slice))],
    withoutNode: groups.flatMap((group) => group.withoutNode),
  };
}

/** Endpoints of pods that serve the same ports: they share slices. */
interface PortGroup {
  readonly ports: readonly V1EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** As reconcileByAddressType. */
function reconcileFamily(
  seen: Seen,
  existing: readonly EndpointSlice[],
  addressType: AddressType,
  settings: SliceSettings,
): SliceChanges {
  const { service } = seen;
  const { groups, withoutNode } = desiredGroups(seen, addressType, settings);
  const own = existing.filter((slice) => isOwnedBy(slice, service));
  const create: SliceDraft[] = [];
  const update: EndpointSlice[] = [];
  let remove = existing.filter((slice) => !isOwnedBy(slice, service) || !groups.has(portsKey(slice.ports)));
  for (const [key, { ports, endpoints }] of groups) {
    const template = newSlice(service, addressType, ports);
    const slices = own.filter((slice) => portsKey(slice.ports) === key);
    const packed = pack(slices, endpoints, template, settings.maxEndpointsPerSlice);
    create.push(...packed.create);
    update.push(...packed.update);
    remove = [...remove, ...packed.delete];
  }
  if (remove.length === existing.length && create.length === 0) {
    const placeholder = newSlice(service, addressType, []);
    if (remove.length === 1 && isPlaceholder(remove[0] as EndpointSlice, placeholder)) {
      remove = [];
    } else {
      create.push(placeholder);
    }
  }
  return { create, update, delete: remove, withoutNode };
}

function desiredGroups(
  { service, pods, nodeOf }: Seen,
  addressType: AddressType,
  settings: SliceSettings,
): { readonly groups: ReadonlyMap<string, PortGroup>; readonly withoutNode: readonly Pod[] } {
  const groups = new Map<string, PortGroup>();
  const withoutNode: Pod[] = [];
  for (const pod of pods) {
    if (!hasEndpoint(pod, settings.endsByRestartPolicy)) {
      continue;
    }
    const ports = endpointPorts(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    groups.set(key, group);
    const node = nodeOf(pod);
    if (node === undefined && !service.spec?.publishNotReadyAddresses) {
      withoutNode.push(pod);
      continue;
    }
    const endpoint = podToEndpoint(pod, node, service, addressType);
    if (endpoint) {
      group.endpoints.set(endpointIdentity(endpoint), endpoint);
    }
  }
  return { groups, withoutNode };
}

/** Slices being packed: `slice` is what stands, `endpoints` what it shall hold. */
interface Packing {
  readonly slice: EndpointSlice;
  endpoints: readonly Endpoint[];
  isChanged: boolean;
}

/**
 * Changes as few slices as possible: new endpoints go into slices that change anyway, fullest first; what is left goes into
 * the one unchanged slice it fills best, or into new ones. As reconcileByPortMapping.
 */
function pack(
  slices: readonly EndpointSlice[],
  desired: ReadonlyMap<string, Endpoint>,
  template: SliceDraft,
  maxEndpoints: number,
): { readonly create: SliceDraft[]; readonly update: EndpointSlice[]; readonly delete: EndpointSlice[] } {
  const left = new Map(desired);
  const kept = slices.map((slice) => keepDesired(slice, left, template.metadata.labels));
  const take = (room: number): Endpoint[] => {
    const taken = [...left].slice(0, room);
    for (const [identity] of taken) {
      left.delete(identity);
    }
    return taken.map(([, endpoint]) => endpoint);
  };
  const fill = (packing: Packing): void => {
    packing.endpoints = [...packing.endpoints, ...take(maxEndpoints - packing.endpoints.length)];
    packing.isChanged = true;
  };
  const changing = kept.filter(({ isChanged, endpoints }) => isChanged && endpoints.length > 0);
  for (const packing of changing.sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    if (left.size > 0) {
      fill(packing);
    }
  }
  const create: SliceDraft[] = [];
  while (left.size > 0) {
    const unchanged = kept.filter(({ isChanged }) => !isChanged);
    const best = left.size < maxEndpoints ? bestFit(unchanged, left.size, maxEndpoints) : undefined;
    if (best) {
      fill(best);
    } else {
      create.push({ ...template, endpoints: take(maxEndpoints) });
    }
  }
  const changed = kept.filter(({ isChanged }) => isChanged);
  return {
    create,
    update: changed
      .filter(({ endpoints }) => endpoints.length > 0)
      .map(({ slice, endpoints }) => ({
        ...slice,
        metadata: { ...slice.metadata, labels: template.metadata.labels },
        endpoints,
      })),
    delete: changed.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice),
  };
}

/** The slice with only what is still wanted, as it is wanted now; that is taken out of `left`. */
function keepDesired(slice: EndpointSlice, left: Map<string, Endpoint>, labels: ObjectMeta['labels']): Packing {
  let isChanged = !semanticallyEqual(slice.metadata.labels, labels);
  const endpoints = (slice.endpoints ?? []).flatMap((standing) => {
    const identity = endpointIdentity(standing);
    const wanted = left.get(identity);
    left.delete(identity);
    isChanged ||= wanted === undefined || !semanticallyEqual(wanted, standing);
    return wanted ? [wanted] : [];
  });
  return { slice, endpoints, isChanged };
}

/** The slice that comes closest to full with that many more, the first of equals. As getSliceToFill. */
function bestFit(packings: readonly Packing[], count: number, maxEndpoints: number): Packing | undefined {
  let best: Packing | undefined;
  let leastRoom = maxEndpoints;
  for (const packing of packings) {
    const room = maxEndpoints - count - packing.endpoints.length;
    if (room >= 0 && room < leastRoom) {
      best = packing;
      leastRoom = room;
    }
  }
  return best;
}

/** A slice to be created takes the place of one to be deleted, where there is one. As the first half of finalize. */
function reuseDeleted(changes: SliceChanges, service: Service): SliceChanges {
  const create = [...changes.create];
  const update = [...changes.update];
  const remove: EndpointSlice[] = [];
  for (const slice of changes.delete) {
    const draft = isOwnedBy(slice, service) ? create.pop() : undefined;
    if (draft) {
      update.push({ ...slice, ...draft, metadata: { ...slice.metadata, labels: draft.metadata.labels } });
    } else {
      remove.push(slice);
    }
  }
  return { ...changes, create, update, delete: remove };
}

const isOwnedBy = (slice: EndpointSlice, service: Service): boolean =>
  controllerOf(slice)?.kind === 'Service' && controllerOf(slice)?.uid === service.metadata.uid;

const isPlaceholder = (slice: EndpointSlice, placeholder: SliceDraft): boolean =>
  !slice.endpoints?.length &&
  !slice.ports?.length &&
  semanticallyEqual(slice.metadata.labels, placeholder.metadata.labels);

/** As newEndpointSlice. */
const newSlice = (service: Service, addressType: AddressType, ports: readonly V1EndpointPort[]): SliceDraft => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    namespace: service.metadata.namespace,
    generateName: `${service.metadata.name}-`,
    labels: sliceLabels(service),
    ownerReferences: [controllerReference(service)],
  },
  addressType,
  endpoints: [],
  ports,
});

/** The Service's labels and what names Service and controller. As setEndpointSliceLabels. */
function sliceLabels(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY_LABEL]: CONTROLLER_NAME,
  };
}
