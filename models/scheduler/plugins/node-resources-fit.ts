import { compareQuantities, isExtendedResource, type Pod, podRequests } from '../../api/index.js';
import { asNode, asPod } from '../framework/events.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { Plugin, PreFilterResult } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import {
  type Allocatable,
  amountIn,
  countAllocatable,
  isScalarResource,
  type PodRequests,
  type Resources,
} from '../framework/resources.js';
import type { Status } from '../framework/status.js';
import { type ScoringStrategy, strategyScorer } from './resource-scoring.js';

const NAME = 'NodeResourcesFit';

export interface NodeResourcesFitOptions {
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

/** The pod must fit into what its node has left; among those that fit, the strategy decides which is better. */
export function nodeResourcesFit(options: NodeResourcesFitOptions): Plugin<FitCheck> {
  const ignored: ReadonlySet<string> = new Set(options.ignoredResources);
  const ignoredGroups: ReadonlySet<string> = new Set(options.ignoredResourceGroups);
  const isIgnored = (name: string): boolean =>
    isExtendedResource(name) && (ignored.has(name) || ignoredGroups.has(name.slice(0, name.indexOf('/'))));
  const checks = new WeakMap<PodRequests, FitCheck>();
  const checkOf = (requests: PodRequests): FitCheck => {
    const check = checks.get(requests) ?? new FitCheck(requests, isIgnored);
    checks.set(requests, check);
    return check;
  };
  const scorer = strategyScorer(options.scoringStrategy);

  return {
    name: NAME,
    isLocal: true,
    eventsToRegister: () => [
      { resource: 'AssignedPod', actions: ['Delete'], hint: (_pod, before) => hintAfterPodDeleted(asPod(before)) },
      {
        resource: 'AssignedPod',
        actions: ['UpdatePodScaleDown'],
        hint: (pod, before, after) => (frees(pod, asPod(before), asPod(after)) ? 'Queue' : 'Skip'),
      },
      { resource: 'TargetPod', actions: ['UpdatePodScaleDown'] },
      {
        resource: 'Node',
        actions: ['Add', 'UpdateNodeAllocatable'],
        hint(pod, before, after) {
          const node = asNode(after);
          if (node === undefined) {
            return 'Skip';
          }
          const now = countAllocatable(node);
          const then = before === undefined ? undefined : countAllocatable(asNode(before) ?? node);
          const fits = fitsEmpty(pod.requests, now, isIgnored);
          return fits && (then === undefined || hasGrownFor(pod.requests, then, now)) ? 'Queue' : 'Skip';
        },
      },
    ],
    preFilter: ({ requests }: PodInfo): PreFilterResult<FitCheck> => ({ state: checkOf(requests) }),
    filter: (_pod: PodInfo, node: NodeInfo, check: FitCheck) => check.refusalBy(node),
    preScore: () => undefined,
    score: ({ requests }: PodInfo, node: NodeInfo) => scorer(requests, node),
  };
}

/** A refusal by its reasons, made once. */
const refusals = new Map<string, Status>();

function refusal(isUnresolvable: boolean, reasons: readonly string[]): Status {
  const code = isUnresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable';
  const key = `${code}:${reasons.join()}`;
  let status = refusals.get(key);
  if (status === undefined) {
    status = { code, plugin: NAME, reasons };
    refusals.set(key, status);
  }
  return status;
}

/** What may lack, in the order in which it is told; scalars follow. */
const [TOO_MANY_PODS, CPU, MEMORY, EPHEMERAL_STORAGE, FIRST_SCALAR] = [1, 2, 4, 8, 16] as const;

/**
 * What one kind of pod asks for, asked of node after node. As fitsRequest (pkg/scheduler/framework/plugins/noderesources/fit.go):
 * all that lacks is named, not the first alone.
 */
class FitCheck {
  readonly #requests: PodRequests;
  /** Scalars that count, each with the power of two that stands for it. */
  readonly #scalars: readonly { readonly name: string; readonly wanted: number; readonly bit: number }[];
  /** By the sum of what lacks; unresolvable ones apart. */
  readonly #refusals = [new Map<number, Status>(), new Map<number, Status>()] as const;

  constructor(requests: PodRequests, isIgnored: (name: string) => boolean) {
    this.#requests = requests;
    this.#scalars = [...(requests.scalars ?? [])]
      .filter(([name, wanted]) => wanted > 0 && !isIgnored(name))
      .map(([name, wanted], i) => ({ name, wanted, bit: FIRST_SCALAR * 2 ** i }));
  }

  /** Undefined when the pod fits. */
  refusalBy({ pods, allocatable, requested }: NodeInfo): Status | undefined {
    const { milliCpu, memory, ephemeralStorage, isNothing } = this.#requests;
    let lacks = pods.length < allocatable.pods ? 0 : TOO_MANY_PODS;
    let isUnresolvable = false;
    if (isNothing) {
      return lacks === 0 ? undefined : this.#refusal(lacks, false);
    }
    if (milliCpu > 0 && milliCpu > allocatable.milliCpu - requested.milliCpu) {
      lacks += CPU;
      isUnresolvable = milliCpu > allocatable.milliCpu;
    }
    if (memory > 0 && memory > allocatable.memory - requested.memory) {
      lacks += MEMORY;
      isUnresolvable ||= memory > allocatable.memory;
    }
    if (ephemeralStorage > 0 && ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage) {
      lacks += EPHEMERAL_STORAGE;
      isUnresolvable ||= ephemeralStorage > allocatable.ephemeralStorage;
    }
    for (const { name, wanted, bit } of this.#scalars) {
      const total = allocatable.scalars?.get(name) ?? 0;
      if (wanted > total - (requested.scalars?.get(name) ?? 0)) {
        lacks += bit;
        isUnresolvable ||= wanted > total;
      }
    }
    return lacks === 0 ? undefined : this.#refusal(lacks, isUnresolvable);
  }

  #refusal(lacks: number, isUnresolvable: boolean): Status {
    const kept = this.#refusals[isUnresolvable ? 1 : 0];
    let status = kept.get(lacks);
    if (status === undefined) {
      status = refusal(isUnresolvable, this.#reasonsOf(lacks));
      kept.set(lacks, status);
    }
    return status;
  }

  #reasonsOf(lacks: number): readonly string[] {
    const all = [
      { bit: TOO_MANY_PODS, reason: 'Too many pods' },
      { bit: CPU, reason: 'Insufficient cpu' },
      { bit: MEMORY, reason: 'Insufficient memory' },
      { bit: EPHEMERAL_STORAGE, reason: 'Insufficient ephemeral-storage' },
      ...this.#scalars.map(({ name, bit }) => ({ bit, reason: `Insufficient ${name}` })),
    ];
    return all.filter(({ bit }) => Math.floor(lacks / bit) % 2 === 1).map(({ reason }) => reason);
  }
}

/** As isFit on an empty node of this shape. */
function fitsEmpty(requests: PodRequests, allocatable: Allocatable, isIgnored: (name: string) => boolean): boolean {
  if (allocatable.pods < 1) {
    return false;
  }
  const fits = (name: string, wanted: number): boolean => wanted === 0 || wanted <= amountIn(allocatable, name);
  return (
    requests.isNothing ||
    (fits('cpu', requests.milliCpu) &&
      fits('memory', requests.memory) &&
      fits('ephemeral-storage', requests.ephemeralStorage) &&
      [...(requests.scalars ?? [])].every(([name, wanted]) => isIgnored(name) || fits(name, wanted)))
  );
}

/** As haveAnyRequestedResourcesIncreased. */
function hasGrownFor(requests: PodRequests, before: Allocatable, after: Allocatable): boolean {
  const hasGrown = (name: string, wanted: number): boolean =>
    wanted > 0 && amountIn(after, name) > amountIn(before, name);
  return (
    after.pods > before.pods ||
    hasGrown('cpu', requests.milliCpu) ||
    hasGrown('memory', requests.memory) ||
    hasGrown('ephemeral-storage', requests.ephemeralStorage) ||
    [...(requests.scalars ?? [])].some(([name, wanted]) => hasGrown(name, wanted))
  );
}

const hintAfterPodDeleted = (deleted: Pod | undefined): 'Queue' | 'Skip' =>
  deleted?.spec.nodeName || deleted?.status?.nominatedNodeName ? 'Queue' : 'Skip';

/** As isResourceScaleDown: the other pod now asks for less of something that this one wants. */
function frees({ requests }: PodInfo, before: Pod | undefined, after: Pod | undefined): boolean {
  if (before === undefined || after === undefined) {
    return false;
  }
  const [then, now] = [podRequests(before.spec), podRequests(after.spec)];
  return Object.keys(then).some(
    (name) => wants(requests, name) && compareQuantities(then[name] ?? 0, now[name] ?? 0) > 0,
  );
}

const wants = (requests: Resources, name: string): boolean =>
  (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || isScalarResource(name)) &&
  amountIn(requests, name) > 0;
