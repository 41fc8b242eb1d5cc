import type { ObjectKey } from '../../engine/index.js';
import type { ReplicaSet } from '../api/index.js';
import type { ApiClient, Informer, InformerFactory, Then } from '../client-go/index.js';

/** Where the ReplicaSets come from, and where their status goes. */
export interface ReplicaSetSource {
  readonly controllerName: string;
  /** source.component of its events. */
  readonly eventSource: string;
  /** What pods name as the kind of their owner. */
  readonly kind: 'ReplicaSet' | 'ReplicationController';
  informer(informers: InformerFactory): Informer<ReplicaSet>;
  get(client: ApiClient, key: ObjectKey, then: Then<ReplicaSet>): void;
  updateStatus(client: ApiClient, changed: ReplicaSet, then: Then<ReplicaSet>): void;
}

export const REPLICA_SETS: ReplicaSetSource = {
  controllerName: 'replicaset-controller',
  eventSource: 'replicaset-controller',
  kind: 'ReplicaSet',
  informer: (informers) => informers.informer('ReplicaSet'),
  get: (client, key, then) => client.get('ReplicaSet', key, then),
  updateStatus: (client, changed, then) => client.updateStatus('ReplicaSet', changed, then),
};
