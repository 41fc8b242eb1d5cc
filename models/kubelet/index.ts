export { createKubelet, type Kubelet, type KubeletNode, type KubeletOptions } from './component.js';
export { KUBELET_CONFIGURATION_FIELDS, type KubeletConfiguration, kubeletConfigurationMistakes } from './config.js';
export { nodeOnceReady } from './node-facts.js';
export type { ManifestFolder } from './static-pods/manifest-folder.js';
export { IMAGE_PULLS, KUBELET_EVICTIONS, PROBES, VOLUMES } from './timelines.js';
