export { createBootstrapControllers } from './component.js';
