import type { Micros } from '../../engine/index.js';
import type { AnyObject } from '../../models/api/index.js';
import type { ClusterConfiguration, NodeTemplate } from '../../models/cluster.js';
import type { GivenMetric } from '../../models/metrics-adapter/index.js';
import type { SchedulerPlugin } from '../../models/scheduler/index.js';
import type { BehaviourOf, ImageDescription, WorldSettings } from '../../models/world/index.js';
import type { ActionKind, ActionSpec } from '../actions/action.js';
import type { FaultKind, FaultSpec } from '../faults/fault.js';
import type { ScenarioText } from '../schema/scenario.js';
import type { LoadedObject } from '../sources/manifests.js';
import type { Workload } from '../workloads/workload.js';
import type { Expectation } from './expectations.js';

/** A scenario that was checked, with everything it names read: what a run starts from. */
export interface Scenario {
  readonly name: string;
  readonly text: ScenarioText;
  readonly kubernetesVersion: string;
  readonly seed: number;
  /** Unix seconds of virtual time zero. */
  readonly startTime: number;
  readonly runFor: Micros;
  readonly nodes: readonly NodeTemplate[];
  readonly pools: ReadonlyMap<string, Pool>;
  /** Instances of the control plane; left out: a machine each, or one. */
  readonly controlPlanes: number | undefined;
  readonly world: Partial<WorldSettings>;
  /** What registries know of an image, by its full name. */
  readonly imageOf: (image: string) => ImageDescription | undefined;
  readonly configuration: ClusterConfiguration;
  /** Virtual time that a scheduler extender takes to answer. */
  readonly extenderCall: Micros;
  readonly schedulerPlugins: readonly SchedulerPlugin[];
  /** Objects created at the start, in order. */
  readonly objects: readonly LoadedObject[];
  /** What comes while the run goes. */
  readonly workloads: readonly Workload[];
  /** How many objects of each kind are there that nothing acts on. */
  readonly inert: Readonly<Record<string, number>>;
  /** Settings that exist in Kubernetes and change nothing here. */
  readonly unsupported: readonly string[];
  readonly behaviourOf: BehaviourOf;
  /** Whether a behaviour or an expectation asks what resolves or is reached. */
  readonly looksAtTraffic: boolean;
  readonly metricSeries: readonly GivenMetric[];
  readonly actions: readonly ScheduledAction[];
  readonly faults: readonly ScheduledFault[];
  readonly record: readonly string[];
  /** Whether its timelines or expectations read Events: else most of them are not made. */
  readonly keepsEvents: boolean;
  /** Whether it brings Endpoints objects or expects something of them: else no controller keeps them. */
  readonly keepsEndpoints: boolean;
  readonly expectations: readonly Expectation[];
}

/** Makes the next machine of a pool. */
export interface Pool {
  readonly name: string;
  readonly count: number;
  /** Of one machine, an hour. */
  readonly price?: number;
  /** Between which numbers cluster-autoscaler may keep it, or that Karpenter claims such machines; left out: neither. */
  readonly autoscaling?: { readonly min: number; readonly max: number } | 'karpenter';
  readonly zones: readonly string[];
  template(index: number): NodeTemplate;
}

export interface ScheduledAction {
  readonly at: Micros;
  readonly kind: ActionKind<ActionSpec>;
  readonly spec: ActionSpec;
  readonly objects: readonly AnyObject[];
  /** Where it is written: "scenario.yaml:12:5". */
  readonly where: string;
}

export interface ScheduledFault {
  readonly at: Micros;
  /** Infinity: it stays. */
  readonly healsAt: Micros;
  readonly kind: FaultKind<FaultSpec>;
  readonly spec: FaultSpec;
}
