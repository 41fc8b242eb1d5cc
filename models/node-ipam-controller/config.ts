import { type Micros, parseDuration } from '../../engine/index.js';
import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';

/** Settings of the node IPAM controller. */
export interface NodeIpamControllerConfiguration {
  /** The range that blocks are cut from, as "10.244.0.0/16". */
  readonly clusterCIDR: string;
  /** Bits of a node's block. */
  readonly nodeCIDRMaskSize: number;
  /** Nodes that are worked on at a time. */
  readonly workers: number;
  /** When a node that found no block left is tried again; undefined: with the queue's back-off. */
  readonly retryAfter: Micros | undefined;
  readonly client: ClientLimits;
}

const FLAGS: readonly FlagRow<Defaults['nodeIpamController']>[] = [
  {
    name: 'allocate-node-cidrs',
    type: 'boolean',
    field: 'allocateNodeCIDRs',
    help: 'Whether nodes are given blocks of --cluster-cidr for their pods.',
  },
  { name: 'cluster-cidr', type: 'text', field: 'clusterCIDR', help: 'Range of the addresses of pods.' },
  {
    name: 'node-cidr-mask-size',
    type: 'integer',
    field: 'nodeCIDRMaskSize',
    help: "Bits of the mask of a node's block.",
  },
];

/** The flags of kube-controller-manager that this controller reads, with the defaults of a version. */
export const nodeIpamControllerFlags = (defaults: Defaults): readonly Flag[] =>
  flagsWith(defaults.nodeIpamController, FLAGS);

/**
 * Undefined when nodes are not given blocks.
 * @throws RangeError when a value of the command line does not parse, or the range has no room for a node's block.
 */
export function nodeIpamControllerConfiguration(
  defaults: Defaults,
  flags: Readonly<Record<string, string>> = {},
): NodeIpamControllerConfiguration | undefined {
  const section = withFlags(defaults.nodeIpamController, FLAGS, flags);
  if (!section.allocateNodeCIDRs) {
    return undefined;
  }
  const { clusterCIDR, nodeCIDRMaskSize } = section;
  if (clusterCIDR === '') {
    throw new RangeError('Controller: Must specify --cluster-cidr if --allocate-node-cidrs is set');
  }
  const bits = Number(/^(?:\d{1,3}\.){3}\d{1,3}\/(\d{1,2})$/.exec(clusterCIDR)?.[1] ?? Number.NaN);
  if (!(bits <= 32)) {
    throw new RangeError(`invalid argument ${JSON.stringify(clusterCIDR)} for "--cluster-cidr": not an IPv4 block`);
  }
  if (nodeCIDRMaskSize < bits || nodeCIDRMaskSize > 32) {
    throw new RangeError(
      `--node-cidr-mask-size ${nodeCIDRMaskSize} does not fit into --cluster-cidr ${clusterCIDR}: it must be between ${bits} and 32`,
    );
  }
  return {
    clusterCIDR,
    nodeCIDRMaskSize,
    workers: section.cidrUpdateWorkers,
    retryAfter: section.allocationRetry === '' ? undefined : parseDuration(section.allocationRetry),
    client: controllerClientLimits(defaults, flags),
  };
}
