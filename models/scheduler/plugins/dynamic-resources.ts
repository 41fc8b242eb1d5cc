import { type Plugin, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { PostFilterContext, PostFilterResult } from '../framework/post-filter.js';
import { failure, unresolvable, unschedulable } from '../framework/status.js';

const NAME = 'DynamicResources';
const NOT_SIMULATED = unresolvable(NAME, 'resource claims are not simulated');

/**
 * Stands for the plugin as it treats pods without resource claims: it skips them, and gives each node the score 0. A pod that
 * has claims is held back with a reason, because claims are not simulated.
 */
export const dynamicResources = (): Plugin => ({
  name: NAME,
  isLocal: true,
  isStatic: true,
  eventsToRegister: () => [
    { resource: 'Node', actions: ['Add', 'UpdateNodeLabel', 'UpdateNodeAllocatable'] },
    { resource: 'ResourceClaim', actions: ['Add', 'Update', 'Delete'] },
    { resource: 'TargetPod', actions: ['UpdatePodGeneratedResourceClaim'] },
    { resource: 'DeviceClass', actions: ['Add', 'Update'] },
    { resource: 'ResourceSlice', actions: ['Add', 'Update'] },
  ],
  preEnqueue: (pod) => (hasClaims(pod) ? NOT_SIMULATED : undefined),
  preFilter: (pod) => (hasClaims(pod) ? { status: NOT_SIMULATED } : SKIP),
  filter: () => undefined,
  /**
   * k8s 1.37 dynamicresources.go PostFilter reads what its PreFilter left. When another plugin's PreFilter ended the cycle before,
   * there is nothing, and this error ends PostFilter as a whole: nobody is preempted.
   */
  postFilter({ state }: PostFilterContext): PostFilterResult {
    return state.preFiltered.has(NAME)
      ? { status: unschedulable(NAME), message: '' }
      : { status: failure(NAME, 'not found'), message: 'not found' };
  },
  score: () => 0,
  reserve: () => undefined,
  needsPreBind: () => false,
  preBind: (_pod, _node, done) => done(undefined),
});

const hasClaims = ({ pod }: PodInfo): boolean => (pod.spec.resourceClaims ?? []).length > 0;
