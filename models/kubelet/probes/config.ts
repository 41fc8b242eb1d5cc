import { parseDuration } from '../../../engine/time/duration.js';
import type { Defaults } from '../../versions/index.js';
import type { ProbeSettings } from './decisions.js';

/** Nothing of this is configurable but the gate; probes themselves are configured in pods. */
export function probeSettings(defaults: Defaults): ProbeSettings {
  const { probes } = defaults.kubelet;
  return {
    tellsExecTimeout: probes.tellsExecTimeout,
    maxProbeRetries: probes.maxProbeRetries,
    triggerRestartsTicker: probes.triggerRestartsTicker,
    startupHoldsAfterSuccess: probes.startupHoldsAfterSuccess,
    ChangeContainerStatusOnKubeletRestart: defaults.features.ChangeContainerStatusOnKubeletRestart,
    kubeletRestartGrace: parseDuration(probes.kubeletRestartGrace),
  };
}
