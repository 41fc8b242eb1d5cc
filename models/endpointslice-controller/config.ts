import { type Micros, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';
import type { SliceSettings } from './decisions.js';

/** Settings of the EndpointSlice controller. */
export interface EndpointSliceControllerConfiguration extends SliceSettings {
  /** Services that are worked on at a time. */
  readonly workers: number;
  readonly maxRetries: number;
  readonly client: ClientLimits;
  /** How long a Service waits after a change of a pod, so that more may come. */
  readonly updatesBatchPeriod: Micros;
  /** How long it waits after somebody else changed its slices. */
  readonly sliceChangeDelay: Micros;
  /** First and longest back-off after a failure. */
  readonly syncBackOff: Micros;
  readonly maxSyncBackOff: Micros;
}

/** Settings of the Endpoints controller. */
export interface EndpointsControllerConfiguration {
  /** Services that are worked on at a time. */
  readonly workers: number;
  readonly maxRetries: number;
  readonly client: ClientLimits;
  readonly updatesBatchPeriod: Micros;
  /** Whether what it writes carries a label that says so: since 1.33. */
  readonly labelsManaged: boolean;
  /** Unix seconds of virtual time zero, for the annotation. */
  readonly startTime: number;
}

/** Settings of the controller that mirrors Endpoints to EndpointSlices. */
export interface MirroringControllerConfiguration {
  /** Endpoints that are worked on at a time. */
  readonly workers: number;
  readonly maxRetries: number;
  readonly client: ClientLimits;
  readonly updatesBatchPeriod: Micros;
  readonly maxEndpointsPerSubset: number;
}

const FLAGS: readonly FlagRow<Defaults['workloads']['endpointSliceController']>[] = [
  {
    name: 'concurrent-service-endpoint-syncs',
    type: 'integer',
    field: 'concurrentServiceEndpointSyncs',
    help: 'Services whose EndpointSlices are synced at a time.',
  },
  {
    name: 'max-endpoints-per-slice',
    type: 'integer',
    field: 'maxEndpointsPerSlice',
    help: 'Endpoints that are put into one EndpointSlice at most.',
  },
  {
    name: 'endpointslice-updates-batch-period',
    type: 'duration',
    field: 'endpointSliceUpdatesBatchPeriod',
    help: 'How long changes of pods are gathered before EndpointSlices are written.',
  },
];

const ENDPOINTS_FLAGS: readonly FlagRow<Defaults['workloads']['endpointsController']>[] = [
  {
    name: 'concurrent-endpoint-syncs',
    type: 'integer',
    field: 'concurrentEndpointSyncs',
    help: 'Services whose Endpoints are synced at a time.',
  },
  {
    name: 'endpoint-updates-batch-period',
    type: 'duration',
    field: 'endpointUpdatesBatchPeriod',
    help: 'How long changes of pods are gathered before Endpoints are written.',
  },
];

const MIRRORING_FLAGS: readonly FlagRow<Defaults['workloads']['endpointSliceMirroringController']>[] = [
  {
    name: 'mirroring-concurrent-service-endpoint-syncs',
    type: 'integer',
    field: 'mirroringConcurrentServiceEndpointSyncs',
    help: 'Endpoints that are mirrored at a time.',
  },
  {
    name: 'mirroring-max-endpoints-per-subset',
    type: 'integer',
    field: 'mirroringMaxEndpointsPerSubset',
    help: 'Addresses of a subset of Endpoints that are mirrored at most.',
  },
  {
    name: 'mirroring-endpointslice-updates-batch-period',
    type: 'duration',
    field: 'mirroringEndpointSliceUpdatesBatchPeriod',
    help: 'How long changes of Endpoints are gathered before they are mirrored.',
  },
];

/** The flags of kube-controller-manager that the controllers of this room read, with the defaults of a version. */
export const endpointSliceControllerFlags = (defaults: Defaults): readonly Flag[] => [
  ...flagsWith(defaults.workloads.endpointSliceController, FLAGS),
  ...flagsWith(defaults.workloads.endpointsController, ENDPOINTS_FLAGS),
  ...flagsWith(defaults.workloads.endpointSliceMirroringController, MIRRORING_FLAGS),
];

/** @throws RangeError when a value of the command line does not parse. */
export function endpointSliceControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): EndpointSliceControllerConfiguration {
  const section = withFlags(defaults.workloads.endpointSliceController, FLAGS, flags);
  return {
    workers: section.concurrentServiceEndpointSyncs,
    maxRetries: section.maxRetries,
    client: controllerClientLimits(defaults, flags),
    maxEndpointsPerSlice: section.maxEndpointsPerSlice,
    endsByRestartPolicy: defaults.features.endpointEndsByRestartPolicy,
    updatesBatchPeriod: parseDuration(section.endpointSliceUpdatesBatchPeriod),
    sliceChangeDelay: parseDuration(section.sliceChangeMinSyncDelay),
    syncBackOff: parseDuration(section.syncBackOff),
    maxSyncBackOff: parseDuration(section.maxSyncBackOff),
  };
}

/** @throws RangeError when a value of the command line does not parse. */
export function endpointsControllerConfiguration(
  defaults: Defaults,
  startTime: number,
  flags: Readonly<Record<string, string>> = {},
): EndpointsControllerConfiguration {
  const section = withFlags(defaults.workloads.endpointsController, ENDPOINTS_FLAGS, flags);
  return {
    workers: section.concurrentEndpointSyncs,
    maxRetries: section.maxRetries,
    client: controllerClientLimits(defaults, flags),
    updatesBatchPeriod: parseDuration(section.endpointUpdatesBatchPeriod),
    labelsManaged: section.labelsManaged,
    startTime,
  };
}

/** @throws RangeError when a value of the command line does not parse. */
export function mirroringControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): MirroringControllerConfiguration {
  const section = withFlags(defaults.workloads.endpointSliceMirroringController, MIRRORING_FLAGS, flags);
  return {
    workers: section.mirroringConcurrentServiceEndpointSyncs,
    maxRetries: section.maxRetries,
    client: controllerClientLimits(defaults, flags),
    updatesBatchPeriod: parseDuration(section.mirroringEndpointSliceUpdatesBatchPeriod),
    maxEndpointsPerSubset: section.mirroringMaxEndpointsPerSubset,
  };
}
