import type { Recorder, Store } from '../../engine/index.js';
import type { Kinds } from '../api/index.js';
import { ALLOCATION, recordAllocation } from './timelines/allocation.js';
import { ATTACHMENTS, attachmentColumns } from './timelines/attachments.js';
import { recordChanges } from './timelines/changes.js';
import { CLAIMS, claimColumns } from './timelines/claims.js';
import { CONTAINERS, recordContainers } from './timelines/containers.js';
import { ENDPOINTS, recordEndpoints } from './timelines/endpoints.js';
import { EVENTS, recordEvents } from './timelines/events.js';
import { LEASES, leaseColumns } from './timelines/leases.js';
import { NODES, nodeColumns } from './timelines/nodes.js';
import { PODS, podColumns } from './timelines/pods.js';

/** What can be told of objects. */
export const OBJECT_TIMELINES = [NODES, PODS, CONTAINERS, ENDPOINTS, EVENTS, LEASES, ALLOCATION, CLAIMS, ATTACHMENTS];

/** Timelines of objects, told at the write itself, without the latency of any watch. Those that nobody wants cost nothing. */
export function recordObjects(store: Store<Kinds>, recorder: Recorder): void {
  const nodes = recorder.open(NODES);
  const pods = recorder.open(PODS);
  const containers = recorder.open(CONTAINERS);
  const endpoints = recorder.open(ENDPOINTS);
  const events = recorder.open(EVENTS);
  const leases = recorder.open(LEASES);
  const allocation = recorder.open(ALLOCATION);
  const claims = recorder.open(CLAIMS);
  const attachments = recorder.open(ATTACHMENTS);
  if (nodes) {
    store.watch('Node', recordChanges(nodes, nodeColumns));
  }
  if (pods) {
    store.watch('Pod', recordChanges(pods, podColumns));
  }
  if (containers) {
    store.watch('Pod', recordContainers(containers));
  }
  if (endpoints) {
    store.watch('EndpointSlice', recordEndpoints(endpoints));
  }
  if (events) {
    store.watch('Event', recordEvents(events));
  }
  if (leases) {
    store.watch('Lease', recordChanges(leases, leaseColumns));
  }
  if (allocation) {
    recordAllocation(store, allocation);
  }
  if (claims) {
    store.watch('PersistentVolumeClaim', recordChanges(claims, claimColumns));
  }
  if (attachments) {
    store.watch('VolumeAttachment', recordChanges(attachments, attachmentColumns));
  }
}
