export { createAttachDetachController } from './component.js';
export {
  type AttachDetachConfiguration,
  attachDetachConfiguration,
  attachDetachFlags,
} from './config.js';
