import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../generated/types.js';
import { change, fill, fillUnsaid } from './fill.js';
import { defaultResourceList, defaultResources } from './resource-list.js';

// pkg/apis/core/v1/defaults.go, pkg/apis/storage/v1/defaults.go

export const defaultVolume = (volume: PersistentVolume): PersistentVolume =>
  change(fill(volume, { status: {} }), {
    spec: change(
      fillUnsaid(fill(volume.spec, { persistentVolumeReclaimPolicy: 'Retain' }), { volumeMode: 'Filesystem' }),
      {
        ...(volume.spec.capacity && { capacity: defaultResourceList(volume.spec.capacity) }),
      },
    ),
    status: fill(volume.status ?? {}, { phase: 'Pending' }),
  });

export const defaultClaim = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  change(claim, {
    spec: change(fillUnsaid(claim.spec, { volumeMode: 'Filesystem' }), {
      ...(claim.spec.resources && { resources: defaultResources(claim.spec.resources) }),
    }),
    status: fill(claim.status ?? {}, { phase: 'Pending' }),
  });

export const defaultStorageClass = (storageClass: StorageClass): StorageClass =>
  fillUnsaid(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
