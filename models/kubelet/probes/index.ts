export { probeSettings } from './config.js';
export { type ContainerProbeStatus, containerProbeStatus, type ProbedContainer } from './container-status.js';
export {
  limitedByTimeout,
  type ProbeAttempt,
  type ProbeHost,
  type ProbeKind,
  type ProbeResult,
  type ProbeSettings,
  type ProbeView,
  ProbeWorker,
  type ProbeWorkerCreation,
  periodOf,
} from './decisions.js';
