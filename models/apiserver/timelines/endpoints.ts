import type { Timeline, TimelineSpec, Watcher } from '../../../engine/index.js';
import type { Endpoint, EndpointSlice } from '../../api/index.js';

type State = 'ready' | 'not-ready' | 'terminating';

export interface EndpointRow {
  readonly namespace: string;
  readonly service: string;
  readonly pod: string;
  readonly address: string;
  readonly node: string;
  readonly state: State | 'removed';
  readonly ready: number;
  readonly not_ready: number;
  readonly terminating: number;
}

export const ENDPOINTS: TimelineSpec<EndpointRow> = {
  name: 'endpoints',
  help: 'Endpoints of Services in their EndpointSlices: a row for each endpoint that comes, changes or goes, with the totals after it',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the Service' },
    service: { type: 'text', help: 'Name of the Service' },
    pod: { type: 'text', help: 'Pod behind the endpoint' },
    address: { type: 'text', help: 'First address of the endpoint' },
    node: { type: 'text', help: 'Node of the endpoint' },
    state: {
      type: 'text',
      help: 'ready, not-ready, terminating (deleted but still listed) or removed',
    },
    ready: { type: 'integer', help: 'Endpoints of the Service that are ready after this write' },
    not_ready: { type: 'integer', help: 'Endpoints that are neither ready nor terminating' },
    terminating: { type: 'integer', help: 'Endpoints whose pods are being deleted' },
  },
};

/** Which Service a slice belongs to: k8s.io/api/discovery/v1 LabelServiceName. */
const SERVICE_NAME = 'kubernetes.io/service-name';

interface Totals {
  ready: number;
  'not-ready': number;
  terminating: number;
}

/** Compares each version of a slice with the one before and keeps the totals of its Service. */
export function recordEndpoints(timeline: Timeline<EndpointRow>): Watcher<EndpointSlice> {
  const totals = new Map<string, Totals>();
  const record = (slice: EndpointSlice, before: EndpointSlice | undefined, after: EndpointSlice | undefined): void => {
    const service = slice.metadata.labels?.[SERVICE_NAME] ?? '';
    const key = `${slice.metadata.namespace}/${service}`;
    const total = totals.get(key) ?? { ready: 0, 'not-ready': 0, terminating: 0 };
    totals.set(key, total);
    const left = byAddress(before);
    const changed: [Endpoint, EndpointRow['state']][] = [];
    for (const [address, endpoint] of byAddress(after)) {
      const was = left.get(address);
      left.delete(address);
      const state = stateOf(endpoint);
      if (was === undefined || stateOf(was) !== state || podOf(was) !== podOf(endpoint)) {
        changed.push([endpoint, state]);
        total[state]++;
        if (was !== undefined) {
          total[stateOf(was)]--;
        }
      }
    }
    for (const endpoint of left.values()) {
      changed.push([endpoint, 'removed']);
      total[stateOf(endpoint)]--;
    }
    for (const [endpoint, state] of changed) {
      timeline.append({
        namespace: slice.metadata.namespace ?? '',
        service,
        pod: podOf(endpoint),
        address: endpoint.addresses[0] ?? '',
        node: endpoint.nodeName ?? '',
        state,
        ready: total.ready,
        not_ready: total['not-ready'],
        terminating: total.terminating,
      });
    }
  };
  return {
    added: (slice) => record(slice, undefined, slice),
    modified: (slice, before) => record(slice, before, slice),
    deleted: (slice) => record(slice, slice, undefined),
  };
}

const byAddress = (slice: EndpointSlice | undefined): Map<string, Endpoint> =>
  new Map((slice?.endpoints ?? []).map((endpoint) => [endpoint.addresses[0] ?? '', endpoint]));

const podOf = (endpoint: Endpoint): string => endpoint.targetRef?.name ?? '';

function stateOf({ conditions }: Endpoint): State {
  if (conditions?.terminating) {
    return 'terminating';
  }
  // k8s.io/api/discovery/v1 EndpointConditions: an unknown readiness counts as ready.
  return (conditions?.ready ?? true) ? 'ready' : 'not-ready';
}
