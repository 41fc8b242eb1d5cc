import {
  claim,
  controllerReference,
  isBeingDeleted,
  type Kind,
  type Kinds,
  keyOf,
  type LabelSelector,
} from '../api/index.js';
import type { ApiClient, ApiError } from './api-client.js';
import { inTurn } from './in-turn.js';

/** What is claimed, for whom. */
export interface ClaimRequest<OwnerKind extends Kind, K extends Kind> {
  readonly client: ApiClient;
  readonly ownerKind: OwnerKind;
  readonly owner: Kinds[OwnerKind];
  readonly selector: LabelSelector | undefined;
  readonly kind: K;
  /** Its own and the orphans around it. */
  readonly candidates: Iterable<Kinds[K]>;
}

/**
 * Adopts orphans that match and releases what no longer does, then tells what the owner has; an error ends it.
 * Orphans are adopted only if the server confirms that the owner is there and not going.
 * As PodControllerRefManager.ClaimPods (pkg/controller/controller_ref_manager.go).
 */
export function claimObjects<OwnerKind extends Kind, K extends Kind>(
  request: ClaimRequest<OwnerKind, K>,
  then: (claimed: readonly Kinds[K][], error: ApiError | undefined) => void,
): void {
  const { client, owner, kind, selector, candidates } = request;
  const { owned, toAdopt, toRelease } = claim(owner, selector, candidates);
  if (toAdopt.length === 0 && toRelease.length === 0) {
    then(owned, undefined);
    return;
  }
  const adopted: Kinds[K][] = [];
  const release = (object: Kinds[K], ended: (error?: ApiError) => void): void =>
    client.patch(kind, keyOf(object), withoutOwner(owner.metadata.uid), (reply) =>
      ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error),
    );
  const adopt = (object: Kinds[K], ended: (error?: ApiError) => void): void =>
    client.patch(kind, keyOf(object), withOwner(owner), (reply) => {
      if (reply.ok) {
        adopted.push(object);
      }
      ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error);
    });
  inTurn<Kinds[K], ApiError>(toRelease, release, (releaseError) => {
    if (releaseError || toAdopt.length === 0) {
      then(owned, releaseError);
      return;
    }
    confirmOwner(request, (refusal) => {
      if (refusal) {
        then(owned, refusal);
      } else {
        inTurn<Kinds[K], ApiError>(toAdopt, adopt, (error) => then([...owned, ...adopted], error));
      }
    });
  });
}

/** As RecheckDeletionTimestamp: a live read. */
function confirmOwner<OwnerKind extends Kind, K extends Kind>(
  { client, ownerKind, owner }: ClaimRequest<OwnerKind, K>,
  then: (refusal?: ApiError) => void,
): void {
  client.get(ownerKind, keyOf(owner), (reply) => {
    if (!reply.ok) {
      then(reply.error);
    } else if (reply.object.metadata.uid !== owner.metadata.uid || isBeingDeleted(reply.object)) {
      const message = `${keyOf(owner)} is gone or has just been deleted`;
      then({ reason: 'Conflict', code: 409, message });
    } else {
      then();
    }
  });
}

const withOwner =
  <K extends Kind>(owner: Parameters<typeof controllerReference>[0]) =>
  (object: Kinds[K]): Kinds[K] => ({
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences: [...(object.metadata.ownerReferences ?? []), controllerReference(owner)],
    },
  });

const withoutOwner =
  <K extends Kind>(uid: string | undefined) =>
  (object: Kinds[K]): Kinds[K] => ({
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences: object.metadata.ownerReferences?.filter((owner) => owner.uid !== uid),
    },
  });
