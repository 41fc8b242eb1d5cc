import type { NodeInfo } from '../framework/node-info.js';
import type { Plugin, PreFilterResult } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { type Status, unresolvable } from '../framework/status.js';

const NAME = 'NodeName';
const REFUSED = unresolvable(NAME, "node(s) didn't match the requested node name");

/** A pod that names its node goes nowhere else. */
export const nodeName = (narrowsNodes: boolean): Plugin<undefined> => ({
  name: NAME,
  isLocal: true,
  isStatic: true,
  eventsToRegister: () => [{ resource: 'Node', actions: ['Add'] }],
  preFilter({ pod }: PodInfo): PreFilterResult<undefined> {
    const wanted = pod.spec.nodeName;
    return wanted && narrowsNodes ? { state: undefined, nodeNames: new Set([wanted]) } : { state: undefined };
  },
  filter({ pod }: PodInfo, node: NodeInfo): Status | undefined {
    const wanted = pod.spec.nodeName;
    return wanted && wanted !== node.name ? REFUSED : undefined;
  },
});
