import type { NodeInfo } from '../framework/node-info.js';
import { MAX_NODE_SCORE } from '../framework/plugin.js';
import { amountIn, type PodRequests, percentOf } from '../framework/resources.js';
import { piecewiseLinear, type ShapePoint } from './shape.js';

export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

export type ScoringStrategy =
  | { readonly type: 'LeastAllocated' | 'MostAllocated'; readonly resources: readonly ResourceWeight[] }
  | {
      readonly type: 'RequestedToCapacityRatio';
      readonly resources: readonly ResourceWeight[];
      readonly shape: readonly ShapePoint[];
    };

/** The strategy of the args of NodeResourcesFit. */
export function scoringStrategyOf(args: {
  readonly type: string;
  readonly resources: readonly ResourceWeight[];
  readonly requestedToCapacityRatio?: { readonly shape: readonly ShapePoint[] };
}): ScoringStrategy {
  const { resources } = args;
  if (args.type === 'RequestedToCapacityRatio') {
    return { type: args.type, resources, shape: args.requestedToCapacityRatio?.shape ?? [] };
  }
  return { type: args.type === 'MostAllocated' ? 'MostAllocated' : 'LeastAllocated', resources };
}

type Scorer = (requests: PodRequests, node: NodeInfo) => number;

/** As the scorers of pkg/scheduler/framework/plugins/noderesources. */
export function strategyScorer(strategy: ScoringStrategy): Scorer {
  switch (strategy.type) {
    case 'LeastAllocated':
      return weightedAverage(strategy.resources, leastRequested);
    case 'MostAllocated':
      return weightedAverage(strategy.resources, mostRequested);
    default:
      return requestedToCapacityRatio(strategy.resources, strategy.shape);
  }
}

const leastRequested = (requested: number, allocatable: number): number =>
  requested > allocatable ? 0 : percentOf(allocatable - requested, allocatable);

/** More than there is counts as all of it: a node may be overcommitted by pods that name no request. */
const mostRequested = (requested: number, allocatable: number): number =>
  percentOf(Math.min(requested, allocatable), allocatable);

function weightedAverage(
  resources: readonly ResourceWeight[],
  scoreOf: (requested: number, allocatable: number) => number,
): Scorer {
  return (requests, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const allocatable = allocatableFor(name, requests, node);
      if (allocatable > 0) {
        sum += scoreOf(requestedWith(name, requests, node), allocatable) * weight;
        weights += weight;
      }
    }
    return weights === 0 ? 0 : Math.trunc(sum / weights);
  };
}

/** A resource whose score is 0 takes no part in the average. As requestedToCapacityRatioScorer. */
function requestedToCapacityRatio(resources: readonly ResourceWeight[], shape: readonly ShapePoint[]): Scorer {
  const scoreAt = piecewiseLinear(shape);
  return (requests, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const allocatable = allocatableFor(name, requests, node);
      if (allocatable <= 0) {
        continue;
      }
      const requested = requestedWith(name, requests, node);
      const score = scoreAt(requested > allocatable ? MAX_NODE_SCORE : percentOf(requested, allocatable));
      if (score > 0) {
        sum += score * weight;
        weights += weight;
      }
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}

/** 0 takes a resource out of the score: the node has none, or the pod does not want this extended resource. */
function allocatableFor(name: string, { containers }: PodRequests, { allocatable }: NodeInfo): number {
  const isBasic = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';
  return isBasic || amountIn(containers, name) > 0 ? amountIn(allocatable, name) : 0;
}

/** As calculateResourceAllocatableRequest: cpu and memory with the defaults of pods that do not name them. */
function requestedWith(name: string, { containers }: PodRequests, node: NodeInfo): number {
  switch (name) {
    case 'cpu':
      return node.nonZeroMilliCpu + containers.milliCpu;
    case 'memory':
      return node.nonZeroMemory + containers.memory;
    default:
      return amountIn(node.requested, name) + amountIn(containers, name);
  }
}
