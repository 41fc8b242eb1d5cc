import type { Node, Pod, Service } from '../../../../models/api/index.js';
import { reconcileSlices, type SliceDraft } from '../../../../models/endpointslice-controller/decisions.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { asObject } from '../times.js';

interface SliceCase extends VectorCase {
  readonly service: unknown;
  readonly pods: readonly unknown[] | null;
  readonly slices: readonly { readonly ports: unknown; readonly [field: string]: unknown }[] | null;
}

const node = (name: string, labels: Record<string, string>): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec: {},
});

/** The nodes that the header tells of. */
const NODES = new Map([
  ['n1', node('n1', { 'topology.kubernetes.io/zone': 'z1' })],
  ['n2', node('n2', {})],
]);

const SETTINGS = { maxEndpointsPerSlice: 100, endsByRestartPolicy: false };

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly SliceCase[]) {
    const seen = {
      service: asObject<Service>(one.service),
      pods: asObject<readonly Pod[]>(one.pods ?? []),
      slices: [],
      nodeOf: (pod: Pod) => NODES.get(pod.spec.nodeName ?? ''),
    };
    const found = reconcileSlices(seen, SETTINGS).create.map(recorded);
    yield compare(one.id, byPorts(one.slices ?? []), byPorts(found));
  }
};

/** A slice as the file tells it: endpoints by pod, null instead of an empty list. */
function recorded({ addressType, ports, endpoints = [] }: SliceDraft): SliceRecord {
  const rows = endpoints.map(({ addresses, conditions, hostname, zone, targetRef }) => ({
    addresses,
    pod: targetRef?.name ?? '',
    ...conditions,
    ...(hostname && { hostname }),
    ...(zone && { zone }),
  }));
  rows.sort((a, b) => (a.pod < b.pod ? -1 : 1));
  return { addressType, ports, endpoints: rows.length > 0 ? rows : null };
}

interface SliceRecord {
  readonly ports: unknown;
  readonly [field: string]: unknown;
}

/** The order of slices is that of a Go map: none. */
const byPorts = (slices: readonly SliceRecord[]): readonly SliceRecord[] =>
  [...slices].sort((a, b) => (JSON.stringify(a.ports) < JSON.stringify(b.ports) ? -1 : 1));
