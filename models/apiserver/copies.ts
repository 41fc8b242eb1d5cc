import type { AnyObject, ObjectMeta, Pod, PodSpec, PodStatus } from '../api/index.js';
import type { Stored } from './strategy.js';

// Copies of stored objects, each field named: a spread that puts another value in the place of one it has just copied takes the
// engine twenty times as long once it has seen objects of several kinds, and every write makes such copies.

/** Another spec and status on an object of a kind that has the status subresource: there is nothing else in one. */
export const withParts = (
  { apiVersion, kind }: AnyObject,
  metadata: ObjectMeta,
  spec: unknown,
  status: unknown,
): Stored => ({ apiVersion, kind, metadata, spec, status });

export const podOf = (
  { apiVersion, kind }: Pod,
  metadata: ObjectMeta,
  spec: PodSpec,
  status: PodStatus | undefined,
): Pod => ({ apiVersion, kind, metadata, spec, status });

/** Metadata with another version. The order of the fields is that of new objects (prepareForCreate). */
export const versioned = (
  kept: ObjectMeta,
  generation: number | undefined,
  resourceVersion: string | undefined,
  labels = kept.labels,
): ObjectMeta => ({
  name: kept.name,
  generateName: kept.generateName,
  namespace: kept.namespace,
  uid: kept.uid,
  resourceVersion,
  generation,
  creationTimestamp: kept.creationTimestamp,
  deletionTimestamp: kept.deletionTimestamp,
  deletionGracePeriodSeconds: kept.deletionGracePeriodSeconds,
  labels,
  annotations: kept.annotations,
  ownerReferences: kept.ownerReferences,
  finalizers: kept.finalizers,
  managedFields: kept.managedFields,
  selfLink: kept.selfLink,
});
