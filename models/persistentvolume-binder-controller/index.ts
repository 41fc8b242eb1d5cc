export { createPersistentVolumeBinder } from './component.js';
export {
  type PersistentVolumeBinderConfiguration,
  persistentVolumeBinderConfiguration,
  persistentVolumeBinderFlags,
} from './config.js';
