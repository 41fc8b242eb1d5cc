import { type Micros, parseDuration } from '../../engine/index.js';
import { familyOf } from '../api/index.js';
import {
  type ClientLimits,
  controllerClientLimits,
  type Defaults,
  type Flag,
  type FlagRow,
  flagsWith,
  withFlags,
} from '../versions/index.js';

export interface PodRange {
  /** "10.244.0.0/16" */
  readonly cidr: string;
  /** Bits of a node's block. */
  readonly nodeMaskSize: number;
}

/** Settings of the node IPAM controller. */
export interface NodeIpamControllerConfiguration {
  /** The ranges that blocks are cut from: one, or one of each family. */
  readonly ranges: readonly PodRange[];
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
  {
    name: 'cluster-cidr',
    type: 'text',
    field: 'clusterCIDR',
    help: 'Range of the addresses of pods, or one of each family.',
  },
  {
    name: 'node-cidr-mask-size',
    type: 'integer',
    field: 'nodeCIDRMaskSize',
    help: "Bits of the mask of a node's block, of either family.",
  },
  {
    name: 'node-cidr-mask-size-ipv4',
    type: 'integer',
    field: 'nodeCIDRMaskSizeIPv4',
    help: "Bits of the mask of a node's IPv4 block.",
  },
  {
    name: 'node-cidr-mask-size-ipv6',
    type: 'integer',
    field: 'nodeCIDRMaskSizeIPv6',
    help: "Bits of the mask of a node's IPv6 block.",
  },
  {
    name: 'service-cluster-ip-range',
    type: 'text',
    field: 'serviceClusterIPRange',
    help: 'Range of the addresses of Services, or one of each family: as the API server has it.',
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
  if (section.clusterCIDR === '') {
    throw new RangeError('Controller: Must specify --cluster-cidr if --allocate-node-cidrs is set');
  }
  const cidrs = section.clusterCIDR.split(',');
  if (cidrs.length > 2 || (cidrs.length === 2 && familyOf(cidrs[0] as string) === familyOf(cidrs[1] as string))) {
    throw new RangeError(`len of clusters is:${cidrs.length} > more than max allowed of 2, or two of one family`);
  }
  if (cidrs.length === 2 && section.nodeCIDRMaskSize > 0) {
    throw new RangeError(
      'usage of --node-cidr-mask-size is not allowed with dual-stack clusters: use --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6',
    );
  }
  return {
    ranges: cidrs.map((cidr) => rangeOf(cidr, section)),
    workers: section.cidrUpdateWorkers,
    retryAfter: section.allocationRetry === '' ? undefined : parseDuration(section.allocationRetry),
    client: controllerClientLimits(defaults, flags),
  };
}

const CIDR = /^(?:(?:\d{1,3}\.){3}\d{1,3}|[\da-f:]*:[\da-f:]*)\/(\d{1,3})$/i;

/** The most bits between a range and a node's block: pkg/controller/nodeipam/ipam/cidrset clusterSubnetMaxDiff. */
const MAX_DIFFERENCE = 16;

function rangeOf(cidr: string, section: Defaults['nodeIpamController']): PodRange {
  const isIPv6 = familyOf(cidr) === 'IPv6';
  const bits = Number(CIDR.exec(cidr)?.[1] ?? Number.NaN);
  const width = isIPv6 ? 128 : 32;
  if (!(bits <= width)) {
    throw new RangeError(`invalid argument ${JSON.stringify(cidr)} for "--cluster-cidr": not a block of addresses`);
  }
  const nodeMaskSize =
    section.nodeCIDRMaskSize || (isIPv6 ? section.nodeCIDRMaskSizeIPv6 : section.nodeCIDRMaskSizeIPv4);
  const most = isIPv6 ? Math.min(width, bits + MAX_DIFFERENCE) : width;
  if (nodeMaskSize < bits || nodeMaskSize > most) {
    throw new RangeError(
      `--node-cidr-mask-size ${nodeMaskSize} does not fit into --cluster-cidr ${cidr}: it must be between ${bits} and ${most}`,
    );
  }
  return { cidr, nodeMaskSize };
}
