import {
  controllerReference,
  type Endpoint,
  type EndpointAddress,
  type EndpointSlice,
  type EndpointSubset,
  type Endpoints,
  semanticallyEqual,
  type V1EndpointPort,
} from '../../api/index.js';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, type SliceDraft } from '../decisions.js';
import { type AddressType, portsKey } from '../endpoints.js';

export const MIRRORING_CONTROLLER_NAME = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

/** Annotations that stay with the Endpoints: cloneAndRemoveKeys of newEndpointSlice. */
const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);

/** As shouldMirror. */
export const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[SKIP_MIRROR_LABEL] !== 'true' && metadata.annotations?.[LEADER_ANNOTATION] === undefined;

export interface MirrorChanges {
  readonly create: readonly SliceDraft[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  /** Addresses that found no room, by subsets that have more than are mirrored. */
  readonly skipped: number;
}

/** k8s 1.37 pkg/controller/endpointslicemirroring reconcile: a slice for the ports of each subset and each family of addresses. */
export function mirror(
  endpoints: Endpoints,
  slices: readonly EndpointSlice[],
  maxEndpointsPerSubset: number,
): MirrorChanges {
  let skipped = 0;
  const wanted = new Map<string, SliceDraft>();
  for (const subset of endpoints.subsets ?? []) {
    const all = [
      ...(subset.addresses ?? []).map((address) => endpointOf(address, true)),
      ...(subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false)),
    ];
    skipped += Math.max(0, all.length - maxEndpointsPerSubset);
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const mirrored = all
        .slice(0, maxEndpointsPerSubset)
        .filter(({ addresses }) => (addresses[0] ?? '').includes(':') === (addressType === 'IPv6'));
      if (mirrored.length > 0) {
        const draft = sliceOf(endpoints, addressType, portsOf(subset), mirrored);
        wanted.set(identityOf(draft), draft);
      }
    }
  }
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  for (const slice of slices) {
    const draft = wanted.get(identityOf(slice));
    wanted.delete(identityOf(slice));
    if (draft === undefined) {
      remove.push(slice);
    } else if (!isAs(slice, draft)) {
      const { labels, annotations } = draft.metadata;
      update.push({ ...slice, endpoints: draft.endpoints, metadata: { ...slice.metadata, labels, annotations } });
    }
  }
  return { create: [...wanted.values()], update, delete: remove, skipped };
}

const identityOf = ({ addressType, ports }: Pick<EndpointSlice, 'addressType' | 'ports'>): string =>
  `${addressType} ${portsKey(ports)}`;

const isAs = (slice: EndpointSlice, draft: SliceDraft): boolean =>
  semanticallyEqual(slice.endpoints, draft.endpoints) &&
  semanticallyEqual(slice.metadata.labels, draft.metadata.labels) &&
  semanticallyEqual(slice.metadata.annotations, draft.metadata.annotations);

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(nodeName && { nodeName }),
  ...(targetRef && { targetRef }),
});

const portsOf = ({ ports = [] }: EndpointSubset): readonly V1EndpointPort[] =>
  ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol !== undefined && { appProtocol }),
  }));

function sliceOf(
  endpoints: Endpoints,
  addressType: AddressType,
  ports: readonly V1EndpointPort[],
  mirrored: readonly Endpoint[],
): SliceDraft {
  const { name, namespace, labels, annotations = {} } = endpoints.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      generateName: `${name}-`,
      labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MIRRORING_CONTROLLER_NAME },
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !KEPT_ANNOTATIONS.has(key))),
      ownerReferences: [controllerReference(endpoints)],
    },
    addressType,
    endpoints: mirrored,
    ports,
  };
}
