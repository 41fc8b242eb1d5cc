export { createClusterRoleAggregationController } from './component.js';
