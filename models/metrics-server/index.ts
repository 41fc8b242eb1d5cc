export { MetricsServer, type MetricsServerOptions, type ScrapedNode } from './component.js';
export { type MetricsServerConfiguration, metricsServerConfiguration, metricsServerFlags } from './config.js';
