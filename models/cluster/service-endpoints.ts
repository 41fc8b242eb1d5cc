import type { ObjectKey } from '../../engine/index.js';
import { type EndpointSlice, keyFor } from '../api/index.js';
import type { ApiServer } from '../apiserver/index.js';
import type { EndpointsOf } from '../world/index.js';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** The ready pods of a Service, from its EndpointSlices as they are stored. Watches nothing until somebody asks. */
export function serviceEndpoints(server: ApiServer): EndpointsOf {
  return (service, tell) => {
    const slices = new Map<string, EndpointSlice>();
    const note = (slice: EndpointSlice, isThere: boolean): void => {
      const { namespace, name, labels } = slice.metadata;
      if (labels?.[SERVICE_NAME] === undefined || keyFor(namespace, labels[SERVICE_NAME]) !== service) {
        return;
      }
      if (isThere) {
        slices.set(name, slice);
      } else {
        slices.delete(name);
      }
      tell(readyPods([...slices.values()]));
    };
    for (const slice of server.list('EndpointSlice')) {
      note(slice, true);
    }
    server.registry.store.watch('EndpointSlice', {
      added: (slice) => note(slice, true),
      modified: (slice) => note(slice, true),
      deleted: (slice) => note(slice, false),
    });
  };
}

function readyPods(slices: readonly EndpointSlice[]): ReadonlySet<ObjectKey> {
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
  return new Set(
    endpoints.flatMap(({ conditions, targetRef }) =>
      conditions?.ready !== false && targetRef?.kind === 'Pod' && targetRef.name !== undefined
        ? [keyFor(targetRef.namespace, targetRef.name)]
        : [],
    ),
  );
}
