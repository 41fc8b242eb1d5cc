import { type Micros, parseDuration } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';
import type { WorldSettings } from '../world/index.js';

/** What the storage systems take, and where their volumes can be used. */
export type StorageSettings = Pick<
  WorldSettings,
  'volumeCreate' | 'volumeDelete' | 'volumeAttach' | 'volumeDetach' | 'volumeTopologyKey'
>;

/** Settings of the sidecars, the same for every driver. */
export interface CsiSidecarsConfiguration {
  readonly provisionerWorkerThreads: number;
  readonly attacherWorkerThreads: number;
  /** First and longest back-off after a failure. */
  readonly retryIntervalStart: Micros;
  readonly retryIntervalMax: Micros;
  /** Whether a finalizer keeps a volume's object until the volume is deleted. */
  readonly honorsReclaimPolicy: boolean;
  readonly storage: StorageSettings;
}

export function csiSidecarsConfiguration(defaults: Defaults, storage: StorageSettings): CsiSidecarsConfiguration {
  const { retryIntervalStart, retryIntervalMax, ...section } = defaults.storage.csiSidecars;
  return {
    ...section,
    retryIntervalStart: parseDuration(retryIntervalStart),
    retryIntervalMax: parseDuration(retryIntervalMax),
    storage,
  };
}
