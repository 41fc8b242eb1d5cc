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
  PLACES,
  type PodRequests,
  placeOf,
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
          const fits = fitsEmpty(pod.requests, now);
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

/** Something that a pod wants of its node. */
interface Wish {
  readonly place: number;
  readonly amount: number;
  /** The power of two that stands for it in sums of what lacks. */
  readonly bit: number;
  readonly reason: string;
  /** More than the whole node has is wanted: nobody who goes would help. */
  exceeds(allocatable: Allocatable): boolean;
}

/**
 * What one kind of pod asks for, asked of node after node. As fitsRequest (pkg/scheduler/framework/plugins/noderesources/fit.go):
 * all that lacks is named, not the first alone.
 */
class FitCheck {
  readonly #wishes: readonly Wish[];
  /** By the sum of what lacks; unresolvable ones apart. */
  readonly #refusals = [new Map<number, Status>(), new Map<number, Status>()] as const;

  constructor(requests: PodRequests, isIgnored: (name: string) => boolean) {
    const resources: readonly (readonly [string, number, number])[] = [
      ['cpu', requests.milliCpu, PLACES.cpu],
      ['memory', requests.memory, PLACES.memory],
      ['ephemeral-storage', requests.ephemeralStorage, PLACES['ephemeral-storage']],
      ...[...(requests.scalars ?? [])].flatMap(([name, amount]) =>
        isIgnored(name) ? [] : [[name, amount, placeOf(name)] as const],
      ),
    ];
    const wishes = resources.filter(([, amount]) => amount > 0);
    this.#wishes = [
      { place: PLACES.pods, amount: 1, bit: 1, reason: 'Too many pods', exceeds: () => false },
      ...wishes.map(([name, amount, place], i) => ({
        place,
        amount,
        bit: 2 ** (i + 1),
        reason: `Insufficient ${name}`,
        exceeds: (allocatable: Allocatable) => amount > amountIn(allocatable, name),
      })),
    ];
  }

  /** Undefined when the pod fits. */
  refusalBy({ free, allocatable }: NodeInfo): Status | undefined {
    let lacks = 0;
    let isUnresolvable = false;
    for (const wish of this.#wishes) {
      if (wish.amount > (wish.place < free.length ? (free[wish.place] as number) : 0)) {
        lacks += wish.bit;
        isUnresolvable ||= wish.exceeds(allocatable);
      }
    }
    return lacks === 0 ? undefined : this.#refusal(lacks, isUnresolvable);
  }

  #refusal(lacks: number, isUnresolvable: boolean): Status {
    const kept = this.#refusals[isUnresolvable ? 1 : 0];
    let status = kept.get(lacks);
    if (status === undefined) {
      const lacking = this.#wishes.filter(({ bit }) => Math.floor(lacks / bit) % 2 === 1);
      status = refusal(
        isUnresolvable,
        lacking.map(({ reason }) => reason),
      );
      kept.set(lacks, status);
    }
    return status;
  }
}

/** As isFit on an empty node of this shape: what the profile ignores counts here. */
function fitsEmpty(requests: PodRequests, allocatable: Allocatable): boolean {
  if (allocatable.pods < 1) {
    return false;
  }
  const fits = (name: string, wanted: number): boolean => wanted === 0 || wanted <= amountIn(allocatable, name);
  return (
    requests.isNothing ||
    (fits('cpu', requests.milliCpu) &&
      fits('memory', requests.memory) &&
      fits('ephemeral-storage', requests.ephemeralStorage) &&
      [...(requests.scalars ?? [])].every(([name, wanted]) => fits(name, wanted)))
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
