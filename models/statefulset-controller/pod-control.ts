import { keyFor, keyOf, type PersistentVolumeClaim, type Pod, type PodDraft, type StatefulSet } from '../api/index.js';
import { type ApiClient, type ApiError, type EventRecorder, type Informer, inTurn } from '../client-go/index.js';
import { isStale, withWantedOwner } from './claims.js';
import type { StatefulSetControllerConfiguration } from './config.js';
import type { Action } from './decisions.js';
import {
  claimName,
  identityLabels,
  newClaim,
  ordinalOf,
  type Replica,
  replicasOf,
  startOrdinal,
  volumesFor,
} from './identity.js';

type Ended = (error?: ApiError) => void;
type Verb = 'Create' | 'Delete' | 'Update';

/** Writes pods and claims of a set and tells it. As StatefulPodControl (pkg/controller/statefulset/stateful_pod_control.go). */
export class StatefulPodControl {
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #config: StatefulSetControllerConfiguration;

  constructor(
    client: ApiClient,
    events: EventRecorder,
    claims: Informer<PersistentVolumeClaim>,
    config: StatefulSetControllerConfiguration,
  ) {
    this.#client = client;
    this.#events = events;
    this.#claims = claims;
    this.#config = config;
  }

  carryOut(set: StatefulSet, action: Action, ended: Ended): void {
    switch (action.do) {
      case 'create':
        this.#create(set, action.pod, ended);
        break;
      case 'delete':
        this.#delete(set, action.pod, action.isFailed ?? false, ended);
        break;
      case 'createClaims':
        this.#createClaims(set, action.pod, ended);
        break;
      case 'fixIdentity':
        this.#fixIdentity(set, action.pod, ended);
        break;
      case 'fixClaims':
        this.#fixClaims(set, action.pod, ended);
        break;
    }
  }

  /** Whether claims of the pod have other owners than the retention policy wants. */
  hasForeignClaims(set: StatefulSet, pod: Replica, isCondemned: boolean): boolean {
    return this.#claimsOf(set, pod).some((claim) => withWantedOwner(claim, set, pod, isCondemned) !== claim);
  }

  #claimsOf(set: StatefulSet, pod: Replica): readonly PersistentVolumeClaim[] {
    return (set.spec.volumeClaimTemplates ?? []).flatMap((template) => {
      const claim = this.#claims.get(keyFor(set.metadata.namespace, claimName(set, template, ordinalOf(pod))));
      return claim ? [claim] : [];
    });
  }

  #create(set: StatefulSet, pod: Replica, ended: Ended): void {
    if (this.#config.StatefulSetAutoDeletePVC && this.#claimsOf(set, pod).some((claim) => isStale(claim, pod))) {
      ended({ reason: 'Conflict', code: 409, message: `pod ${pod.metadata.name} has a stale claim` });
      return;
    }
    this.#createClaims(set, pod, (claimError) => {
      if (claimError) {
        this.#tell(set, pod, 'Create', claimError);
        ended(claimError);
        return;
      }
      this.#client.create('Pod', pod as PodDraft, (reply) => {
        if (!reply.ok && reply.error.reason === 'AlreadyExists') {
          ended(reply.error);
          return;
        }
        this.#tell(set, pod, 'Create', reply.ok ? undefined : reply.error);
        if (reply.ok && this.#config.StatefulSetAutoDeletePVC) {
          this.#fixClaims(set, reply.object, ended);
        } else {
          ended(reply.ok ? undefined : reply.error);
        }
      });
    });
  }

  #delete(set: StatefulSet, pod: Replica, isFailed: boolean, ended: Ended): void {
    if (isFailed) {
      const message = `StatefulSet ${keyOf(set)} is recreating failed Pod ${pod.metadata.name}`;
      this.#events.event(set, 'Warning', 'RecreatingFailedPod', message);
    }
    this.#client.delete('Pod', keyOf(pod as Pod), {}, (reply) => {
      const error = reply.ok ? undefined : reply.error;
      this.#tell(set, pod, 'Delete', error);
      ended(error?.reason === 'NotFound' ? undefined : error);
    });
  }

  /** Creates the claims that are missing; one that is being deleted holds the pod up. */
  #createClaims(set: StatefulSet, pod: Replica, ended: Ended): void {
    inTurn<PersistentVolumeClaim, ApiError>(
      set.spec.volumeClaimTemplates ?? [],
      (template, next) => {
        const claim = newClaim(set, template, ordinalOf(pod));
        const standing = this.#claims.get(keyOf(claim));
        if (standing) {
          const isLeaving = standing.metadata.deletionTimestamp !== undefined;
          const message = `pvc ${claim.metadata.name} is being deleted`;
          next(isLeaving ? { reason: 'Conflict', code: 409, message } : undefined);
          return;
        }
        this.#client.create('PersistentVolumeClaim', claim, (reply) => {
          const error = reply.ok || reply.error.reason === 'AlreadyExists' ? undefined : reply.error;
          this.#tellClaim(set, pod, claim.metadata.name, error);
          next(error);
        });
      },
      ended,
    );
  }

  #fixIdentity(set: StatefulSet, pod: Replica, ended: Ended): void {
    const ordinal = ordinalOf(pod);
    const labels = identityLabels(pod.metadata.name, ordinal, this.#config.PodIndexLabel);
    const changed = {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...labels } },
      spec: { ...pod.spec, volumes: volumesFor(set, ordinal, pod.spec.volumes) },
    } as Pod;
    this.#createClaims(set, pod, (claimError) => {
      if (claimError) {
        this.#tell(set, pod, 'Update', claimError);
        ended(claimError);
        return;
      }
      this.#client.update('Pod', changed, (reply) => {
        this.#tell(set, pod, 'Update', reply.ok ? undefined : reply.error);
        ended(reply.ok ? undefined : reply.error);
      });
    });
  }

  #fixClaims(set: StatefulSet, pod: Replica, ended: Ended): void {
    const start = startOrdinal(set);
    const isCondemned = ordinalOf(pod) < start || ordinalOf(pod) >= start + replicasOf(set);
    inTurn<PersistentVolumeClaim, ApiError>(
      this.#claimsOf(set, pod),
      (claim, next) => {
        const changed = withWantedOwner(claim, set, pod, isCondemned);
        if (changed === claim) {
          next();
        } else {
          this.#client.update('PersistentVolumeClaim', changed, (reply) => next(reply.ok ? undefined : reply.error));
        }
      },
      ended,
    );
  }

  #tell(set: StatefulSet, pod: Replica, verb: Verb, error: ApiError | undefined): void {
    this.#event(set, verb, `${this.#spelt(verb)} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`, {
      error,
      success: 'successful',
    });
  }

  #tellClaim(set: StatefulSet, pod: Replica, claim: string, error: ApiError | undefined): void {
    const what = `${this.#spelt('Create')} Claim ${claim} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    this.#event(set, 'Create', what, { error, success: 'success' });
  }

  #spelt(verb: Verb): string {
    return this.#config.eventsAreCapitalised ? verb : verb.toLowerCase();
  }

  #event(
    set: StatefulSet,
    verb: Verb,
    what: string,
    { error, success }: { readonly error: ApiError | undefined; readonly success: string },
  ): void {
    if (error) {
      this.#events.event(set, 'Warning', `Failed${verb}`, `${what} failed error: ${error.message}`);
    } else {
      this.#events.event(set, 'Normal', `Successful${verb}`, `${what} ${success}`);
    }
  }
}
