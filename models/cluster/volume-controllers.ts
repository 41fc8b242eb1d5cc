import {
  attachDetachConfiguration,
  attachDetachFlags,
  createAttachDetachController,
} from '../attach-detach-controller/index.js';
import type { Component } from '../client-go/index.js';
import {
  createPersistentVolumeBinder,
  persistentVolumeBinderConfiguration,
  persistentVolumeBinderFlags,
} from '../persistentvolume-binder-controller/index.js';
import { controllerClientLimits, type Defaults, type Flag } from '../versions/index.js';
import { createVolumeProtectionControllers } from '../volume-protection-controllers/index.js';
import type { ControllerManagerOptions } from './kube-controller-manager.js';

/** Flags of the controllers below. */
export const volumeControllerFlags = (defaults: Defaults): readonly Flag[] => [
  ...attachDetachFlags(defaults),
  ...persistentVolumeBinderFlags(defaults),
];

/** Controllers of volumes and claims, not yet started. */
export const volumeControllers = ({ context, defaults, flags }: ControllerManagerOptions): readonly Component[] => [
  createPersistentVolumeBinder(context, persistentVolumeBinderConfiguration(defaults, flags)),
  createAttachDetachController(context, attachDetachConfiguration(defaults, flags)),
  ...createVolumeProtectionControllers(context, controllerClientLimits(defaults, flags)),
];
