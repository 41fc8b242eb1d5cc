import {
  type ControllerRevision,
  isSameRevisionData,
  keyFor,
  keyOf,
  newControllerRevision,
  type UpdateRevision,
  updateRevisionOf,
} from '../api/index.js';
import type { ApiClient, ApiError, Draft } from './api-client.js';
import { inTurn } from './in-turn.js';

/** The revision that keeps the present template, and how often its name was found taken. */
export interface EnsuredRevision {
  readonly revision: ControllerRevision;
  readonly collisionCount: number;
}

type Parent = Parameters<typeof newControllerRevision>[0];

/** Attempts at renumbering a revision that keeps changing (client-go util/retry DefaultBackoff). */
const RENUMBER_ATTEMPTS = 5;

/** Stores and finds the revisions of a workload's template. As realHistory (pkg/controller/history/controller_history.go). */
export class ControllerHistory {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** The newest revision if it keeps the template, else an older one under a new number, else a new one. */
  ensure(
    parent: Parent,
    sorted: readonly ControllerRevision[],
    collisionCount: number,
    then: (ensured: EnsuredRevision | undefined, error?: ApiError) => void,
  ): void {
    const found: UpdateRevision = updateRevisionOf(parent, sorted, collisionCount);
    switch (found.is) {
      case 'newest':
        then({ revision: found.revision, collisionCount });
        break;
      case 'older':
        this.#renumber(found.revision, found.number, RENUMBER_ATTEMPTS, (revision, error) =>
          then(revision && { revision, collisionCount }, error),
        );
        break;
      case 'new':
        this.#create(parent, found.revision.revision ?? 1, collisionCount, then);
        break;
    }
  }

  /** Deletes them one after the other. */
  remove(revisions: readonly ControllerRevision[], then: (error: ApiError | undefined) => void): void {
    inTurn<ControllerRevision, ApiError>(
      revisions,
      (revision, ended) =>
        this.#client.delete('ControllerRevision', keyOf(revision), {}, (reply) =>
          ended(reply.ok || reply.error.reason === 'NotFound' ? undefined : reply.error),
        ),
      then,
    );
  }

  #create(
    parent: Parent,
    number: number,
    collisionCount: number,
    then: (ensured: EnsuredRevision | undefined, error?: ApiError) => void,
  ): void {
    const draft = newControllerRevision(parent, number, collisionCount);
    this.#client.create('ControllerRevision', draft as Draft<ControllerRevision>, (reply) => {
      if (reply.ok) {
        then({ revision: reply.object, collisionCount });
      } else if (reply.error.reason === 'AlreadyExists') {
        const key = keyFor(draft.metadata.namespace, draft.metadata.name);
        this.#client.get('ControllerRevision', key, (standing) => {
          if (!standing.ok) {
            then(undefined, standing.error);
          } else if (isSameRevisionData(standing.object, draft)) {
            then({ revision: standing.object, collisionCount });
          } else {
            this.#create(parent, number, collisionCount + 1, then);
          }
        });
      } else {
        then(undefined, reply.error);
      }
    });
  }

  #renumber(
    revision: ControllerRevision,
    number: number,
    attempts: number,
    then: (revision: ControllerRevision | undefined, error?: ApiError) => void,
  ): void {
    this.#client.update('ControllerRevision', { ...revision, revision: number }, (reply) => {
      if (reply.ok) {
        then(reply.object);
      } else if (reply.error.reason === 'Conflict' && attempts > 1) {
        this.#client.get('ControllerRevision', keyOf(revision), (current) =>
          current.ok ? this.#renumber(current.object, number, attempts - 1, then) : then(undefined, current.error),
        );
      } else {
        then(undefined, reply.error);
      }
    });
  }
}

/** Revisions beyond the limit that no pod and no status refers to, oldest first. As truncateHistory. */
export function revisionsToTruncate(
  sorted: readonly ControllerRevision[],
  isLive: (name: string) => boolean,
  limit: number,
): readonly ControllerRevision[] {
  const history = sorted.filter((one) => !isLive(one.metadata.name));
  return history.slice(0, Math.max(0, history.length - limit));
}
