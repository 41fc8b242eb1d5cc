import type { Kind, Kinds } from '../../api/index.js';

/** The kinds of objects that plugins look at besides nodes and pods. */
export type ListedKind = Extract<
  Kind,
  | 'CSIDriver'
  | 'CSINode'
  | 'CSIStorageCapacity'
  | 'Namespace'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'PodDisruptionBudget'
  | 'ReplicaSet'
  | 'ReplicationController'
  | 'Service'
  | 'StatefulSet'
  | 'StorageClass'
  | 'VolumeAttachment'
>;

export const LISTED_KINDS: readonly ListedKind[] = [
  'CSIDriver',
  'CSINode',
  'CSIStorageCapacity',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodDisruptionBudget',
  'ReplicaSet',
  'ReplicationController',
  'Service',
  'StatefulSet',
  'StorageClass',
  'VolumeAttachment',
];

/** The scheduler's own lagging copies of objects, as its plugins read them. */
export interface Listers {
  get<K extends ListedKind>(kind: K, key: string): Kinds[K] | undefined;
  list<K extends ListedKind>(kind: K): Iterable<Kinds[K]>;
  inNamespace<K extends ListedKind>(kind: K, namespace: string): Iterable<Kinds[K]>;
}
