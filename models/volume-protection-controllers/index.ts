export { createVolumeProtectionControllers } from './component.js';
