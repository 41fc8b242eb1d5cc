import { computeHash, type NodeClaim, type NodePool } from '../api/index.js';
import { INSTANCE_TYPE, NODE_POOL_HASH } from './labels.js';
import { withRequirements } from './node-pools.js';

/** What of a NodePool its nodes are made by; requirements are looked at one by one. As NodePool.Hash (karpenter pkg/apis/v1). */
export const templateHash = ({ spec }: NodePool): string => {
  const { requirements: _, ...rest } = spec.template.spec;
  return computeHash({ ...spec.template, spec: rest });
};

/** Why the machine is not what the NodePool wants any more; undefined when it is. As isDrifted (nodeclaim/disruption/drift.go). */
export function driftOf(claim: NodeClaim, pool: NodePool): string | undefined {
  const hash = claim.metadata.annotations?.[NODE_POOL_HASH];
  if (hash !== undefined && hash !== templateHash(pool)) {
    return 'NodePoolDrifted';
  }
  const labels = claim.metadata.labels ?? {};
  const isLaunched = labels[INSTANCE_TYPE] !== undefined;
  return isLaunched && withRequirements(labels, pool.spec.template.spec.requirements) === undefined
    ? 'RequirementsDrifted'
    : undefined;
}
