import type { NodeInfo } from '../framework/node-info.js';
import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { amountIn, type PodRequests, type Resources } from '../framework/resources.js';

export interface NodeResourcesBalancedAllocationOptions {
  readonly resources: readonly { readonly name: string }[];
  /** Score the improvement, and pods without requests not at all; until 1.35 the balance itself. */
  readonly scoresImprovement: boolean;
}

/** Prefers nodes whose resources would be used evenly. */
export function nodeResourcesBalancedAllocation(options: NodeResourcesBalancedAllocationOptions): Plugin {
  const names = options.resources.map(({ name }) => name);
  const { scoresImprovement } = options;
  const balanceOf = names.join() === 'cpu,memory' ? balanceOfBasics : balance.bind(undefined, names);
  return {
    name: 'NodeResourcesBalancedAllocation',
    isLocal: true,
    preScore: ({ requests }: PodInfo) =>
      scoresImprovement && names.every((name) => amountIn(requests, name) === 0) ? 'skip' : undefined,
    score({ requests }: PodInfo, node: NodeInfo): number {
      const after = balanceOf(node, requests, requests);
      if (!scoresImprovement) {
        return after;
      }
      const before = balanceOf(node, requests, undefined);
      const half = MAX_NODE_SCORE / 2;
      return half + Math.trunc((half + after - before) / 2);
    },
  };
}

/** The same for cpu and memory alone, which is nearly every scheduler's case. */
function balanceOfBasics(
  { allocatable, requested }: NodeInfo,
  _wanted: PodRequests,
  added: Resources | undefined,
): number {
  const { milliCpu, memory } = allocatable;
  if (milliCpu <= 0 || memory <= 0) {
    return MAX_NODE_SCORE;
  }
  const cpu = Math.min(1, (requested.milliCpu + (added === undefined ? 0 : added.milliCpu)) / milliCpu);
  const ram = Math.min(1, (requested.memory + (added === undefined ? 0 : added.memory)) / memory);
  return Math.trunc((1 - Math.abs((cpu - ram) / 2)) * MAX_NODE_SCORE);
}

/**
 * 100 when all resources are used to the same share. As balancedResourceScorer: Requested without defaults, fractions capped at
 * 1, half the difference for two resources, the standard deviation for more.
 */
function balance(
  names: readonly string[],
  { allocatable, requested }: NodeInfo,
  wanted: PodRequests,
  added: Resources | undefined,
): number {
  let count = 0;
  let first = 0;
  let second = 0;
  let sum = 0;
  const fractions: number[] = [];
  for (const name of names) {
    const isBasic = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';
    const total = isBasic || amountIn(wanted, name) > 0 ? amountIn(allocatable, name) : 0;
    if (total > 0) {
      const used = amountIn(requested, name) + (added === undefined ? 0 : amountIn(added, name));
      const fraction = Math.min(1, used / total);
      count++;
      sum += fraction;
      if (count === 1) {
        first = fraction;
      } else if (count === 2) {
        second = fraction;
      }
      if (names.length > 2) {
        fractions.push(fraction);
      }
    }
  }
  let deviation = 0;
  if (count === 2) {
    deviation = Math.abs((first - second) / 2);
  } else if (count > 2) {
    const mean = sum / count;
    let squares = 0;
    for (const fraction of fractions) {
      squares += (fraction - mean) * (fraction - mean);
    }
    deviation = Math.sqrt(squares / count);
  }
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE);
}
