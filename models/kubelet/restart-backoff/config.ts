import { parseDuration } from '../../../engine/time/duration.js';
import type { Defaults } from '../../versions/index.js';
import type { RestartBackoffSettings } from './decisions.js';

/** Fields of KubeletConfiguration.crashLoopBackOff (gate KubeletCrashLoopBackOffMax). */
export interface CrashLoopBackOffConfiguration {
  /** 1s to 300s. */
  readonly maxContainerRestartPeriod?: string | undefined;
}

/** As newCrashLoopBackOff (k8s 1.37 pkg/kubelet/kubelet.go): a cap below the start lowers the start too. */
export function restartBackoffSettings(
  defaults: Defaults['kubelet']['restartBackoff'],
  configuration: CrashLoopBackOffConfiguration = {},
): RestartBackoffSettings {
  const maximum = parseDuration(configuration.maxContainerRestartPeriod ?? defaults.maxContainerRestartPeriod);
  return {
    initial: Math.min(parseDuration(defaults.initialRestartPeriod), maximum),
    maximum,
    resetAfter: parseDuration(defaults.resetAfter),
    keyCoversWholeContainer: defaults.keyCoversWholeContainer,
  };
}
