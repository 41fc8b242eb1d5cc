import type { Node, NodeClaim, NodePool, Taint } from '../api/index.js';
import type { InstanceType } from './cloud.js';
import { CAPACITY_TYPE, HOSTNAME, INSTANCE_TYPE, NODE_POOL, ON_DEMAND, ZONE } from './labels.js';
import { type ClaimRequirement, withRequirements } from './node-pools.js';

/** Machines of one make in one zone, with the labels and taints that a node of a pool gets there. */
export interface Offering {
  readonly type: InstanceType;
  readonly zone: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

interface Wanted {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly requirements: readonly ClaimRequirement[];
}

/** All that will do, the cheapest first. As GetInstanceTypes with Compatible and OrderByPrice (pkg/cloudprovider/types.go). */
function offeringsFor(types: readonly InstanceType[], wanted: Wanted): readonly Offering[] {
  const offerings = types.flatMap((type) =>
    type.zones.flatMap((zone) => {
      const { [HOSTNAME]: _, ...own } = type.node.metadata.labels ?? {};
      const stated = {
        ...own,
        ...wanted.labels,
        [INSTANCE_TYPE]: type.name,
        [CAPACITY_TYPE]: ON_DEMAND,
        ...(zone !== undefined && { [ZONE]: zone }),
      };
      const labels = withRequirements(stated, wanted.requirements);
      return labels === undefined ? [] : [{ type, zone, labels, taints: wanted.taints }];
    }),
  );
  return offerings.sort((a, b) => a.type.price - b.type.price);
}

export function offeringsOfPool(pool: NodePool, types: readonly InstanceType[]): readonly Offering[] {
  const { metadata, spec } = pool.spec.template;
  return offeringsFor(types, {
    labels: { ...metadata?.labels, [NODE_POOL]: pool.metadata.name },
    taints: spec.taints ?? [],
    requirements: spec.requirements,
  });
}

export const offeringsOfClaim = ({ metadata, spec }: NodeClaim, types: readonly InstanceType[]): readonly Offering[] =>
  offeringsFor(types, {
    labels: metadata.labels ?? {},
    taints: spec.taints ?? [],
    requirements: spec.requirements,
  });

/** The node that such a machine becomes. Startup taints are none here: they go before pods come. */
export function nodeOf({ type, labels, taints }: Offering, name: string): Node {
  const { metadata, spec, ...rest } = type.node;
  return {
    ...rest,
    metadata: { ...metadata, name, uid: name, labels: { ...labels, [HOSTNAME]: name } },
    spec: { ...spec, taints },
  };
}
