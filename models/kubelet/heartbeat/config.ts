import { type Micros, parseDuration, seconds } from '../../../engine/index.js';
import type { Defaults } from '../../versions/index.js';

/** Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that heartbeats go by. */
export interface HeartbeatConfiguration {
  readonly registerNode?: boolean | undefined;
  readonly nodeStatusUpdateFrequency?: string | undefined;
  readonly nodeStatusReportFrequency?: string | undefined;
  readonly nodeLeaseDurationSeconds?: number | undefined;
  readonly nodeStatusMaxImages?: number | undefined;
}

export interface HeartbeatSettings {
  readonly registerNode: boolean;
  /** Pause between two computations of the status; and how long an unchanged one may go unreported. */
  readonly nodeStatusUpdateFrequency: Micros;
  readonly nodeStatusReportFrequency: Micros;
  readonly nodeStatusReportJitter: number;
  readonly nodeStatusUpdateRetry: number;
  readonly nodeStatusJitterFactor: number;
  readonly nodeStatusMaxImages: number;
  readonly nodeLeaseDurationSeconds: number;
  readonly leaseRenewInterval: Micros;
  readonly leaseJitterFactor: number;
  readonly leaseUpdateRetry: number;
  readonly leaseEnsureInitialBackoff: Micros;
  readonly leaseEnsureMaxBackoff: Micros;
  readonly registrationInitialBackoff: Micros;
  readonly registrationMaxBackoff: Micros;
  readonly fastStatusUpdatePeriod: Micros;
  readonly fastStatusUpdateTimeout: Micros;
  /** Whether the fast updates at start wait for the node to become ready, or for its pod CIDR. */
  readonly fastStatusUpdateWaitsFor: 'ready' | 'podCIDR';
  readonly tellsRebootOnce: boolean;
  /** Time-out of heartbeat requests. */
  readonly timeout: Micros;
}

/** @throws RangeError when a duration does not parse. */
export function heartbeatSettings(defaults: Defaults, configuration: HeartbeatConfiguration = {}): HeartbeatSettings {
  const given = Object.fromEntries(Object.entries(configuration).filter(([, value]) => value !== undefined));
  const section = { ...defaults.kubelet.heartbeat, ...(given as object) };
  // pkg/kubelet/apis/config/v1beta1/defaults.go: a status that is computed more seldom on purpose is reported as often.
  const isRareOnPurpose =
    configuration.nodeStatusReportFrequency === undefined && configuration.nodeStatusUpdateFrequency;
  const update = parseDuration(section.nodeStatusUpdateFrequency);
  const leaseDuration = seconds(section.nodeLeaseDurationSeconds);
  return {
    registerNode: section.registerNode,
    nodeStatusUpdateFrequency: update,
    nodeStatusReportFrequency: isRareOnPurpose ? update : parseDuration(section.nodeStatusReportFrequency),
    nodeStatusReportJitter: section.nodeStatusReportJitter,
    nodeStatusUpdateRetry: section.nodeStatusUpdateRetry,
    nodeStatusJitterFactor: section.nodeStatusJitterFactor,
    nodeStatusMaxImages: section.nodeStatusMaxImages,
    nodeLeaseDurationSeconds: section.nodeLeaseDurationSeconds,
    leaseRenewInterval: Math.round(leaseDuration * section.nodeLeaseRenewIntervalFraction),
    leaseJitterFactor: section.leaseJitterFactor,
    leaseUpdateRetry: section.leaseUpdateRetry,
    leaseEnsureInitialBackoff: parseDuration(section.leaseEnsureInitialBackoff),
    leaseEnsureMaxBackoff: parseDuration(section.leaseEnsureMaxBackoff),
    registrationInitialBackoff: parseDuration(section.registrationInitialBackoff),
    registrationMaxBackoff: parseDuration(section.registrationMaxBackoff),
    fastStatusUpdatePeriod: parseDuration(section.fastStatusUpdatePeriod),
    fastStatusUpdateTimeout: parseDuration(section.fastStatusUpdateTimeout),
    fastStatusUpdateWaitsFor: section.fastStatusUpdateWaitsFor === 'podCIDR' ? 'podCIDR' : 'ready',
    tellsRebootOnce: section.tellsRebootOnce,
    // cmd/kubelet/app/server.go: no longer than a Lease lasts, nor than two status updates are apart.
    timeout: Math.min(update, leaseDuration),
  };
}
