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

/** Settings of the persistent volume binder. */
export interface PersistentVolumeBinderConfiguration {
  readonly client: ClientLimits;
  /** How often it looks anew at claims that are not bound. */
  readonly pvClaimBinderSyncPeriod: Micros;
  readonly enableDynamicProvisioning: boolean;
  /** Whether the event about a claim that waits for its provisioner says what to look at. */
  readonly explainsDelayedProvisioning: boolean;
  /** Whether a volume tells since when it has its phase. */
  readonly tellsPhaseTransition: boolean;
  /** Whether a claim without a class gets the default class that came after it. */
  readonly assignsDefaultClassLater: boolean;
}

type Section = Defaults['storage']['persistentVolumeBinder'];

const FLAGS: readonly FlagRow<Section>[] = [
  {
    name: 'pvclaimbinder-sync-period',
    type: 'duration',
    field: 'pvClaimBinderSyncPeriod',
    help: 'How often claims that are not bound are looked at anew.',
  },
  {
    name: 'enable-dynamic-provisioning',
    type: 'boolean',
    field: 'enableDynamicProvisioning',
    help: 'Whether volumes are provisioned for claims of a StorageClass.',
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const persistentVolumeBinderFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.storage.persistentVolumeBinder, FLAGS);

/** @throws RangeError when a value of the command line does not parse. */
export function persistentVolumeBinderConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): PersistentVolumeBinderConfiguration {
  const section = withFlags(defaults.storage.persistentVolumeBinder, FLAGS, flags);
  return {
    ...section,
    client: controllerClientLimits(defaults, flags),
    pvClaimBinderSyncPeriod: parseDuration(section.pvClaimBinderSyncPeriod),
  };
}
