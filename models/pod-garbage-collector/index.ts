export { PodGarbageCollector, type PodGarbageCollectorOptions } from './component.js';
export {
  type PodGarbageCollectorConfiguration,
  podGarbageCollectorConfiguration,
  podGarbageCollectorFlags,
} from './config.js';
