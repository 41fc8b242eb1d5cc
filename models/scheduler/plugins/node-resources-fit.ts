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
export function nodeResourcesFit(options: NodeResourcesFitOptions): Plugin<PodRequests> {
  const ignored: ReadonlySet<string> = new Set(options.ignoredResources);
  const ignoredGroups: ReadonlySet<string> = new Set(options.ignoredResourceGroups);
  const isIgnored = (name: string): boolean =>
    isExtendedResource(name) && (ignored.has(name) || ignoredGroups.has(name.slice(0, name.indexOf('/'))));
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
    preFilter: ({ requests }: PodInfo): PreFilterResult<PodRequests> => ({ state: requests }),
    filter: (_pod: PodInfo, node: NodeInfo, requests: PodRequests) => fitStatus(requests, node, isIgnored),
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

/** As fitsRequest (pkg/scheduler/framework/plugins/noderesources/fit.go): all that lacks is named, not the first alone. */
function fitStatus(requests: PodRequests, node: NodeInfo, isIgnored: (name: string) => boolean): Status | undefined {
  const { allocatable, requested } = node;
  const hasRoom = node.pods.length < allocatable.pods;
  if (requests.isNothing) {
    return hasRoom ? undefined : refusal(false, ['Too many pods']);
  }
  const fits =
    hasRoom &&
    (requests.milliCpu === 0 || requests.milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - requested.memory) &&
    (requests.ephemeralStorage === 0 ||
      requests.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage);
  return fits && fitScalars(requests.scalars, node, isIgnored) ? undefined : whatLacks(requests, node, isIgnored);
}

function fitScalars(
  wanted: PodRequests['scalars'],
  { allocatable, requested }: NodeInfo,
  isIgnored: (name: string) => boolean,
): boolean {
  if (wanted !== undefined) {
    for (const [name, amount] of wanted) {
      const left = (allocatable.scalars?.get(name) ?? 0) - (requested.scalars?.get(name) ?? 0);
      if (amount > left && amount > 0 && !isIgnored(name)) {
        return false;
      }
    }
  }
  return true;
}

function whatLacks(
  requests: PodRequests,
  { pods, allocatable, requested }: NodeInfo,
  isIgnored: (name: string) => boolean,
): Status | undefined {
  const reasons: string[] = [];
  let isUnresolvable = false;
  const check = (name: string, wanted: number): void => {
    if (wanted > 0 && wanted > amountIn(allocatable, name) - amountIn(requested, name)) {
      reasons.push(`Insufficient ${name}`);
      isUnresolvable ||= wanted > amountIn(allocatable, name);
    }
  };
  if (pods.length + 1 > allocatable.pods) {
    reasons.push('Too many pods');
  }
  check('cpu', requests.milliCpu);
  check('memory', requests.memory);
  check('ephemeral-storage', requests.ephemeralStorage);
  for (const [name, wanted] of requests.scalars ?? []) {
    if (!isIgnored(name)) {
      check(name, wanted);
    }
  }
  return reasons.length === 0 ? undefined : refusal(isUnresolvable, reasons);
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
