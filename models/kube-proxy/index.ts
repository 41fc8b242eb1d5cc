export { KubeProxy } from './component.js';
export { KUBE_PROXY_CONFIGURATION_FIELDS, kubeProxyConfiguration } from './config.js';
export type { Route } from './decisions.js';
export { RoutingRecorder } from './routing-recorder.js';
export { ROUTING } from './timelines.js';
