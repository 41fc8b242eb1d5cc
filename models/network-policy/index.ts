export { NetworkPolicies } from './component.js';
