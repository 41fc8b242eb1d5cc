export { createServiceAccountControllers } from './component.js';
