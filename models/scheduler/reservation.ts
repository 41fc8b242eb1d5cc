import type { Micros } from '../../engine/index.js';
import type { NodeInfo } from './framework/node-info.js';
import type { PodInfo } from './framework/pod-info.js';
import type { Profile } from './framework/profile.js';
import type { Status } from './framework/status.js';
import type { WaitingPods } from './framework/waiting-pods.js';

/** Runs Reserve and Permit for the node chosen; a refusal undoes what was reserved. As the end of schedulingCycle (pkg/scheduler/schedule_one.go). */
export function reserve(
  profile: Profile,
  pod: PodInfo,
  node: NodeInfo,
  filterStates: readonly unknown[],
  waitingPods: WaitingPods,
): Status | undefined {
  for (const plugin of profile.at('reserve')) {
    const status = plugin.reserve?.(pod, node, filterStates[profile.plugins.indexOf(plugin)]);
    if (status !== undefined) {
      unreserve(profile, pod, node);
      return status;
    }
  }
  const refused = permit(profile, pod, node, waitingPods);
  if (refused !== undefined) {
    unreserve(profile, pod, node);
  }
  return refused;
}

/** As RunPermitPlugins: one that refuses ends it, those that wait hold the pod together. */
function permit(profile: Profile, pod: PodInfo, node: NodeInfo, waitingPods: WaitingPods): Status | undefined {
  const timeouts = new Map<string, Micros>();
  for (const plugin of profile.at('permit')) {
    const result = plugin.permit?.(pod, node);
    if (result === undefined) {
      continue;
    }
    if ('code' in result) {
      return result;
    }
    timeouts.set(plugin.name, result.wait);
  }
  if (timeouts.size > 0) {
    waitingPods.hold(pod, timeouts);
  }
  return undefined;
}

/** The last that reserved is undone first. */
export function unreserve(profile: Profile, pod: PodInfo, node: NodeInfo): void {
  for (const plugin of [...profile.at('reserve')].reverse()) {
    plugin.unreserve?.(pod, node);
  }
}
