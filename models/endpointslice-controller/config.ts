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

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const endpointSliceControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.workloads.endpointSliceController, FLAGS);

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
