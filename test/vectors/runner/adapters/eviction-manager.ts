import { seconds } from '../../../../engine/time/micros.js';
import type { Pod } from '../../../../models/api/index.js';
import {
  chooseVictim,
  type Eviction,
  type EvictionConfiguration,
  type EvictionSettings,
  type EvictionState,
  type EvictionView,
  evictionSettings,
  FIRST_EVICTION_STATE,
  isReclaimed,
  type Observations,
  type PodUsage,
  signalObservations,
  synchronize,
  type Threshold,
} from '../../../../models/kubelet/eviction/index.js';
import { defaultsFor } from '../../../../models/versions/index.js';
import type { Outcome, VectorCase, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';
import { recordedThresholds } from './eviction-threshold-config.js';

interface ManagerCase extends VectorCase {
  readonly config: {
    readonly enforceNodeAllocatable: readonly string[] | null;
    readonly evictionHard: Statements;
    readonly evictionSoft: Statements;
    readonly evictionSoftGracePeriod: Statements;
    readonly evictionMinimumReclaim: Statements;
    readonly evictionMaxPodGracePeriod: number;
    readonly evictionPressureTransitionPeriodSeconds: number;
  };
  readonly dedicatedImageFs: boolean;
  readonly pods: readonly Pod[];
  readonly steps: readonly Step[];
}

type Statements = { readonly [signal: string]: string } | null;

interface Step {
  readonly at: number;
  readonly node: RecordedNode;
  readonly nodeAfterReclaim?: RecordedNode;
  readonly pods: readonly RecordedUsage[];
  readonly result: unknown;
}

interface RecordedNode {
  readonly memoryAvailable: number;
  readonly memoryWorkingSet: number;
  readonly allocatableMemoryAvailable: number;
  readonly allocatableMemoryWorkingSet: number;
  readonly nodefsAvailable: number;
  readonly nodefsCapacity: number;
  readonly nodefsInodesFree: number;
  readonly nodefsInodes: number;
  readonly imagefsAvailable: number;
  readonly imagefsCapacity: number;
  readonly maxPID: number;
  readonly numOfRunningProcesses: number;
}

interface RecordedUsage {
  readonly name: string;
  readonly ws: number;
  readonly procs: number;
  readonly eph: number;
  /** Container → bytes and inodes of its layer, bytes and inodes of its logs. */
  readonly c: { readonly [container: string]: readonly [number, number, number, number] };
  readonly v?: { readonly [volume: string]: readonly [number, number] };
}

export function* adapter(file: VectorFile): Iterable<Outcome> {
  for (const one of file.cases as readonly ManagerCase[]) {
    yield compare(
      one.id,
      one.steps.map(({ result }) => result),
      replay(one),
    );
  }
}

function replay(one: ManagerCase): readonly unknown[] {
  const settings = settingsOf(one);
  let state: EvictionState = FIRST_EVICTION_STATE;
  let pods = one.pods;
  return one.steps.map((step) => {
    const usages = new Map(step.pods.map((recorded) => [recorded.name, usageOf(recorded)]));
    const view: EvictionView = {
      observations: observe(step.node, step.at),
      activePods: pods,
      usageOf: (pod) => usages.get(pod.metadata.name),
    };
    const pass = synchronize(settings, state, view, seconds(step.at));
    state = pass.state;
    const nodeReclaim = (pass.reclaim?.nodeLevel.length ?? 0) > 0;
    const after = nodeReclaim ? observe(step.nodeAfterReclaim ?? step.node, step.at) : undefined;
    const evictions = [...pass.overLimit, ...evictedForPressure(settings, pass.reclaim, view, after)];
    const gone = new Set(evictions.map(({ pod }) => pod));
    pods = pods.filter((pod) => !gone.has(pod));
    return {
      conditions: [...state.nodeConditions].sort(),
      evicted: evictions.map(({ pod, gracePeriodOverride, message }) => ({
        pod: pod.metadata.name,
        gracePeriodSeconds: gracePeriodOverride,
        message,
      })),
      nodeReclaim: nodeReclaim || undefined,
      thresholdsMet: recordedThresholds(state.thresholdsMet),
    };
  });
}

function evictedForPressure(
  settings: EvictionSettings,
  reclaim: ReturnType<typeof synchronize>['reclaim'],
  view: EvictionView,
  after: Observations | undefined,
): readonly Eviction[] {
  if (reclaim === undefined || (after !== undefined && isReclaimed(settings, after))) {
    return [];
  }
  const eviction = chooseVictim(settings, reclaim, view);
  return eviction === undefined ? [] : [eviction];
}

function settingsOf({ config, dedicatedImageFs }: ManagerCase): EvictionSettings {
  const configuration: EvictionConfiguration = {
    enforceNodeAllocatable: config.enforceNodeAllocatable ?? [],
    evictionHard: config.evictionHard ?? {},
    evictionSoft: config.evictionSoft ?? {},
    evictionSoftGracePeriod: config.evictionSoftGracePeriod ?? {},
    evictionMinimumReclaim: config.evictionMinimumReclaim ?? {},
    evictionMaxPodGracePeriod: config.evictionMaxPodGracePeriod,
    evictionPressureTransitionPeriod: `${config.evictionPressureTransitionPeriodSeconds}s`,
  };
  const layout = dedicatedImageFs ? 'dedicatedImageFs' : 'singleDisk';
  const settings = evictionSettings(defaultsFor('1.37')!, layout, configuration);
  return { ...settings, thresholds: inOrder(settings.thresholds), firstThresholds: inOrder(settings.firstThresholds) };
}

/**
 * The recorder sorts what ParseThresholdConfig returns, which is in the order of a Go map, before it makes the manager.
 */
const inOrder = (thresholds: readonly Threshold[]): readonly Threshold[] =>
  [...thresholds].sort((a, b) =>
    a.signal === b.signal ? a.gracePeriod - b.gracePeriod : a.signal < b.signal ? -1 : 1,
  );

/** Statistics are fresh at every step; inodes of the image filesystem are those of the node's. */
const observe = (node: RecordedNode, at: number): Observations =>
  signalObservations({
    at: seconds(at),
    memory: { available: node.memoryAvailable, workingSet: node.memoryWorkingSet },
    allocatableMemory: {
      available: node.allocatableMemoryAvailable,
      workingSet: node.allocatableMemoryWorkingSet,
    },
    nodeFs: {
      available: node.nodefsAvailable,
      capacity: node.nodefsCapacity,
      inodesFree: node.nodefsInodesFree,
      inodes: node.nodefsInodes,
    },
    imageFs: {
      available: node.imagefsAvailable,
      capacity: node.imagefsCapacity,
      inodesFree: node.nodefsInodesFree,
      inodes: node.nodefsInodes,
    },
    rlimit: { maxPID: node.maxPID, runningProcesses: node.numOfRunningProcesses },
  });

const usageOf = ({ ws, procs, eph, c, v }: RecordedUsage): PodUsage => ({
  containers: Object.entries(c).map(([name, [layerBytes, layerInodes, logBytes, logInodes]]) => ({
    name,
    rootfs: { usedBytes: layerBytes, inodesUsed: layerInodes },
    logs: { usedBytes: logBytes, inodesUsed: logInodes },
  })),
  volumes: Object.entries(v ?? {}).map(([name, [usedBytes, inodesUsed]]) => ({ name, usedBytes, inodesUsed })),
  memory: ws,
  ephemeralStorage: eph,
  processes: procs,
});
