import { allContainersCouldRestart, type Pod } from '../../api/index.js';
import { asPod } from '../framework/events.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import { unresolvable } from '../framework/status.js';

const NAME = 'NodeDeclaredFeatures';
const REFUSED = unresolvable(NAME, "node(s) didn't match Pod's required features");

/** Keeps pods that need a feature of the node's kubelet to nodes that declare it. */
export const nodeDeclaredFeatures = (): Plugin<readonly string[]> => ({
  name: NAME,
  isLocal: true,
  isStatic: true,
  eventsToRegister: () => [
    { resource: 'Node', actions: ['Add', 'UpdateNodeDeclaredFeature'] },
    {
      resource: 'TargetPod',
      actions: ['Update'],
      // As isSchedulableAfterPodUpdate: other needs than before.
      hint: (_pod, before, after) => (needsOf(asPod(before)) === needsOf(asPod(after)) ? 'Skip' : 'Queue'),
    },
  ],
  preFilter({ pod }): PreFilterResult<readonly string[]> {
    const required = requiredFeatures(pod);
    return required.length === 0 ? SKIP : { state: required };
  },
  filter(_pod, { node }, required) {
    const declared = node.status?.declaredFeatures ?? [];
    return required.every((feature) => declared.includes(feature)) ? undefined : REFUSED;
  },
});

/** As the features of k8s.io/component-helpers nodedeclaredfeatures infer them from a pod's spec. */
function requiredFeatures({ spec }: Pod): readonly string[] {
  const required: string[] = [];
  if (spec.hostNetwork && spec.hostUsers === false) {
    required.push('UserNamespacesHostNetworkSupport');
  }
  if (allContainersCouldRestart(spec)) {
    required.push('RestartAllContainersOnContainerExits');
  }
  return required;
}

const needsOf = (pod: Pod | undefined): string => (pod === undefined ? '' : requiredFeatures(pod).join());
