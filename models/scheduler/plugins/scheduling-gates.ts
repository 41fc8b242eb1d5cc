import type { Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';

const NAME = 'SchedulingGates';

/** Keeps a pod out of the queue while it has scheduling gates. */
export const schedulingGates = (): Plugin => ({
  name: NAME,
  eventsToRegister: () => [{ resource: 'TargetPod', actions: ['UpdatePodSchedulingGatesEliminated'] }],
  preEnqueue({ pod }: PodInfo): Status | undefined {
    const gates = pod.spec.schedulingGates ?? [];
    return gates.length === 0
      ? undefined
      : unresolvable(NAME, `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
  },
});
