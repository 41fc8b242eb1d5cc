import type { ObjectKey } from '../../engine/index.js';
import { type EndpointSlice, keyOf } from '../api/index.js';
import { type ApiClient, type ApiError, inTurn, type Reply } from '../client-go/index.js';
import type { SliceChanges } from './decisions.js';
import type { SliceTracker } from './slice-tracker.js';

type Ended = (error?: ApiError) => void;

/** One write after the other, as the second half of finalize; `tracker` learns of each. The first failure ends it. */
export function writeSlices(
  client: ApiClient,
  tracker: SliceTracker,
  key: ObjectKey,
  changes: Pick<SliceChanges, 'create' | 'update' | 'delete'>,
  then: Ended,
): void {
  const answered =
    (note: (slice: EndpointSlice) => void, ended: Ended) =>
    (reply: Reply<EndpointSlice>): void => {
      if (reply.ok) {
        note(reply.object);
      }
      ended(reply.ok ? undefined : reply.error);
    };
  const wrote = (slice: EndpointSlice): void => tracker.wrote(key, slice);
  const writes: readonly ((ended: Ended) => void)[] = [
    ...changes.create.map((draft) => (ended: Ended) => client.create('EndpointSlice', draft, answered(wrote, ended))),
    ...changes.update.map((slice) => (ended: Ended) => client.update('EndpointSlice', slice, answered(wrote, ended))),
    ...changes.delete.map((slice) => (ended: Ended) => {
      const expectDeletion = (): void => tracker.expectDeletion(key, slice);
      client.delete('EndpointSlice', keyOf(slice), {}, answered(expectDeletion, ended));
    }),
  ];
  inTurn<(ended: Ended) => void, ApiError>(writes, (write, ended) => write(ended), then);
}
