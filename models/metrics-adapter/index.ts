export { type GivenMetric, MetricsAdapter } from './component.js';
