import { asPod } from '../framework/events.js';
import type { NodeInfo } from '../framework/node-info.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import { ANY_IP, type HostPort, type PodInfo, podInfoOf } from '../framework/pod-info.js';
import { type Status, unschedulable } from '../framework/status.js';

const NAME = 'NodePorts';
const REFUSED = unschedulable(NAME, "node(s) didn't have free ports for the requested pod ports");

/** Keeps apart pods that want the same port of their node. */
export const nodePorts = (): Plugin<undefined> => ({
  name: NAME,
  isLocal: true,
  eventsToRegister: () => [
    {
      resource: 'AssignedPod',
      actions: ['Delete'],
      hint(pod, before) {
        const deleted = asPod(before);
        const hadNode = deleted?.spec.nodeName || deleted?.status?.nominatedNodeName;
        return deleted && hadNode && conflict(pod.hostPorts, podInfoOf(deleted).hostPorts) ? 'Queue' : 'Skip';
      },
    },
    { resource: 'Node', actions: ['Add'] },
  ],
  preFilter: ({ hostPorts }: PodInfo): PreFilterResult<undefined> =>
    hostPorts.length === 0 ? SKIP : { state: undefined },
  filter({ hostPorts }: PodInfo, node: NodeInfo): Status | undefined {
    for (const port of hostPorts) {
      if (node.hasPortConflict(port)) {
        return REFUSED;
      }
    }
    return undefined;
  },
});

const conflict = (wanted: readonly HostPort[], used: readonly HostPort[]): boolean =>
  wanted.some((a) =>
    used.some((b) => a.protocolPort === b.protocolPort && (a.ip === b.ip || a.ip === ANY_IP || b.ip === ANY_IP)),
  );
