import { MemorySink, type Micros, type Recorded, type TimelineSpec } from '../engine/index.js';
import type { ALLOCATION, CONTAINERS, ENDPOINTS, EVENTS, LEASES, NODES, PODS } from '../models/apiserver/index.js';
import { kubernetes } from '../models/cluster.js';
import type { NODE_SCALING } from '../models/cluster-autoscaler/index.js';
import type { NODE_CLAIMS } from '../models/karpenter/index.js';
import type { IMAGE_PULLS, KUBELET_EVICTIONS, PROBES } from '../models/kubelet/index.js';
import type { DETECTION, ZONES } from '../models/node-lifecycle-controller/index.js';
import type { SCHEDULING, SCORES, VERDICTS } from '../models/scheduler/index.js';
import type { EVICTIONS } from '../models/taint-eviction-controller/index.js';
import type { ACTIONS } from './run/action-log.js';
import { Run, type RunOptions } from './run/run.js';
import type { Scenario } from './run/scenario.js';
import type { ScenarioText } from './schema/scenario.js';
import { assemble } from './sources/document.js';
import { memoryFiles } from './sources/files.js';
import { resolveScenario } from './sources/resolve.js';

export { formatDuration, type Micros, parseDuration, type Recorded, seconds, toSeconds } from '../engine/index.js';
export type { Kind, Kinds } from '../models/api/index.js';
export type { Cluster, ClusterNode } from '../models/cluster.js';
export type {
  ExtensionPoint,
  Handle as SchedulerHandle,
  NodeInfo,
  Plugin as SchedulerPluginMethods,
  PodInfo,
  PreFilterResult,
  SchedulerPlugin,
  Snapshot,
  Status as SchedulerStatus,
  WaitingPod,
} from '../models/scheduler/index.js';
export type { ActionLine } from './run/action-log.js';
export type { Verdict } from './run/expectations.js';
export { Run, type RunResult } from './run/run.js';
export type { Scenario } from './run/scenario.js';
export type { FaultStory, NodeStory, PodStory, Segment, ServiceStory } from './run/story.js';
export { ERROR_CODES, type ErrorCode, type Problem, ScenarioError } from './schema/errors.js';
export type { ScenarioText } from './schema/scenario.js';
export { VERSION } from './version.js';

type RowOf<Spec> = Spec extends TimelineSpec<infer Row> ? Row : never;

/** Rows of each timeline, by its name. Times in them are Micros of virtual time. */
export interface Timelines {
  readonly actions: RowOf<typeof ACTIONS>;
  readonly nodes: RowOf<typeof NODES>;
  readonly pods: RowOf<typeof PODS>;
  readonly containers: RowOf<typeof CONTAINERS>;
  readonly endpoints: RowOf<typeof ENDPOINTS>;
  readonly events: RowOf<typeof EVENTS>;
  readonly leases: RowOf<typeof LEASES>;
  readonly allocation: RowOf<typeof ALLOCATION>;
  readonly evictions: RowOf<typeof EVICTIONS>;
  readonly 'kubelet-evictions': RowOf<typeof KUBELET_EVICTIONS>;
  readonly detection: RowOf<typeof DETECTION>;
  readonly zones: RowOf<typeof ZONES>;
  readonly scheduling: RowOf<typeof SCHEDULING>;
  readonly 'scheduling-verdicts': RowOf<typeof VERDICTS>;
  readonly 'scheduling-scores': RowOf<typeof SCORES>;
  readonly probes: RowOf<typeof PROBES>;
  readonly 'image-pulls': RowOf<typeof IMAGE_PULLS>;
  readonly 'node-scaling': RowOf<typeof NODE_SCALING>;
  readonly 'node-claims': RowOf<typeof NODE_CLAIMS>;
}

export interface StartOptions extends Pick<RunOptions, 'eventQueue' | 'elideQuietEvents' | 'scheduler'> {
  /** Texts of the files that the scenario names, by their paths from it. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A run whose timelines are kept in memory. */
export interface MemoryRun extends Run {
  /** Rows recorded so far, each with its time; none when the scenario does not record this timeline. */
  rows<Name extends keyof Timelines>(name: Name): readonly Recorded<Timelines[Name]>[];
}

/** Where a scenario without a file stands, for paths in it and for what is said about it. */
const SCENARIO_FILE = 'scenario.yaml';

/** Checks a scenario and reads what it names. @throws ScenarioError with every mistake. */
export function readScenario(scenario: ScenarioText | string, files: Readonly<Record<string, string>> = {}): Scenario {
  const text = typeof scenario === 'string' ? scenario : JSON.stringify(scenario);
  const memory = memoryFiles({ ...files, [SCENARIO_FILE]: text });
  return resolveScenario(assemble(memory, SCENARIO_FILE), memory, kubernetes);
}

/**
 * Starts a scenario, given as an object or as YAML; nothing has happened yet. Step it, run it to a time, ask its cluster, read its
 * rows; `finish` brings it to its end.
 * @throws ScenarioError with every mistake.
 */
export function startRun(scenario: ScenarioText | string, options: StartOptions = {}): MemoryRun {
  const { files, ...runOptions } = options;
  let rows: MemorySink | undefined;
  const sink = (now: () => Micros): MemorySink => {
    rows = new MemorySink(now);
    return rows;
  };
  const run = new Run(readScenario(scenario, files), { ...runOptions, model: kubernetes, sink });
  return Object.assign(run, { rows: (name: string) => rows?.rows(name) ?? [] }) as MemoryRun;
}
