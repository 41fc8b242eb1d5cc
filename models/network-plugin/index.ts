export { NetworkPlugin } from './component.js';
