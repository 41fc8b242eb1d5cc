import { entityKey, formatDuration, type Micros, type RandomStream } from '../../engine/index.js';
import {
  type ConfigMap,
  controllerReference,
  type DaemonSet,
  type Node,
  type Pod,
  podFromTemplate,
} from '../api/index.js';
import type { ControllerContext, EventRecorder, Informer, SchedulingSimulation } from '../client-go/index.js';
import type { NodeGroup, Surroundings } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { areAllNew, isOldEnough, isReady, needsHelp } from './decisions.js';
import type { ClusterState } from './group-states.js';
import { PRIORITIES_KEY, PRIORITY_CONFIG_MAP, type Priorities, parsePriorities, priorityOf } from './priorities.js';
import { decideScaleUp, type ScaleUpDecision, withoutThoseThatWillFit } from './scale-up.js';
import type { StatusConfigMap } from './status.js';

export interface GrowthOptions {
  readonly context: ControllerContext;
  readonly config: ClusterAutoscalerConfiguration;
  readonly surroundings: Surroundings;
  readonly events: EventRecorder;
  readonly status: StatusConfigMap;
  readonly pods: Informer<Pod>;
  readonly daemonSets: Informer<DaemonSet>;
  readonly onGrowth: (group: NodeGroup, podCount: number) => void;
}

/** What a pass did about pods without a node: `waited` for more of them to come. */
export type GrowthResult = 'grown' | 'waited' | 'nothing';

/** Nodes for pods that find none. As the scale-up part of StaticAutoscaler.RunOnce. */
export class Growth {
  readonly #options: GrowthOptions;
  readonly #ties: RandomStream;
  /** Undefined unless priorities of groups are asked for. */
  readonly #configMaps: Informer<ConfigMap> | undefined;
  #decisions = 0;

  constructor(options: GrowthOptions) {
    const { context, config } = options;
    this.#options = options;
    this.#ties = context.simulation.stream('cluster-autoscaler expander');
    this.#configMaps = config.expanders.includes('priority') ? context.informers.informer('ConfigMap') : undefined;
  }

  /** Pods that make the cluster grow, sooner or later. */
  get waiting(): readonly Pod[] {
    const { pods, config } = this.#options;
    return [...pods.list()].filter((pod) => needsHelp(pod, config.expendablePodsPriorityCutoff));
  }

  /** `places`: where pods may go at once. */
  run(
    nodes: readonly Node[],
    state: ClusterState,
    simulation: SchedulingSimulation,
    places: readonly string[],
  ): GrowthResult {
    const { config, context } = this.#options;
    const { now } = context.simulation;
    const { waiting } = this;
    if (waiting.length === 0) {
      return 'nothing';
    }
    const view = { states: state.groups, simulation, daemonPodsOf: (node: Node) => this.#daemonPodsOf(node) };
    const pods = withoutThoseThatWillFit(view, waiting, places).filter((pod) =>
      isOldEnough(pod, now, config.newPodScaleUpDelay),
    );
    const readyCount = nodes.filter(isReady).length;
    if (pods.length === 0 || (config.maxNodesTotal > 0 && readyCount >= config.maxNodesTotal)) {
      return 'nothing';
    }
    if (areAllNew(pods, now, config)) {
      return 'waited';
    }
    const priorities = this.#priorities();
    const sights = {
      clusterSize: nodes.length,
      prices: config.prices,
      priorities,
      chance: () => this.#ties.uniform(entityKey('expander'), this.#decisions),
    };
    const decision = decideScaleUp({ ...view, now, pods, readyCount, sights }, config);
    this.#decisions++;
    if (priorities !== undefined) {
      this.#warnOfGroupsWithout(priorities, decision.considered);
    }
    return this.#grow(decision);
  }

  #grow({ option, increases, refused, isCappedByTotal }: ScaleUpDecision): GrowthResult {
    const { config, events, status, onGrowth } = this.#options;
    for (const { pod, message } of refused) {
      events.event(pod, 'Normal', 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${message}`);
    }
    if (isCappedByTotal) {
      const text = `Max total nodes in cluster reached: ${config.maxNodesTotal}`;
      status.event('Warning', 'MaxNodesTotalReached', text);
    }
    if (option === undefined || increases.size === 0) {
      return 'nothing';
    }
    const steps: string[] = [];
    for (const [group, by] of increases) {
      const before = group.targetSize;
      const sizes = `to ${before + by} instead of ${before} (max: ${group.maxSize})`;
      status.event('Normal', 'ScaledUpGroup', `Scale-up: setting group ${group.name} size ${sizes}`);
      group.increaseSize(by);
      status.event('Normal', 'ScaledUpGroup', `Scale-up: group ${group.name} size set ${sizes}`);
      steps.push(`{${group.name} ${before}->${before + by} (max: ${group.maxSize})}`);
      onGrowth(group, option.pods.length);
    }
    for (const pod of option.pods) {
      events.event(pod, 'Normal', 'TriggeredScaleUp', `pod triggered scale-up: [${steps.join(' ')}]`);
    }
    return 'grown';
  }

  /** Tells of growth that did not come in time. As updateScaleRequests. */
  tellTimedOut(group: NodeGroup, after: Micros): void {
    const text = `Nodes added to group ${group.name} failed to register within ${formatDuration(after)}`;
    this.#options.status.event('Warning', 'ScaleUpTimedOut', text);
  }

  /** Pods of the DaemonSets that put one on such a node. */
  #daemonPodsOf(node: Node): readonly Pod[] {
    const probe = this.#options.surroundings.simulate();
    probe.addNode(node);
    return [...this.#options.daemonSets.list()].flatMap((daemonSet) => {
      const { template } = daemonSet.spec;
      const draft = podFromTemplate(template, daemonSet, controllerReference(daemonSet));
      const pod = { ...draft, metadata: { ...draft.metadata, name: daemonSet.metadata.name } } as Pod;
      return probe.ask(pod).refusal(node.metadata.name) === undefined ? [pod] : [];
    });
  }

  /** As reloadConfigMap (expander/priority/priority.go): looked up for each decision. */
  #priorities(): Priorities | undefined {
    const { config } = this.#options;
    const configMap = this.#configMaps?.get(`${config.namespace}/${PRIORITY_CONFIG_MAP}`);
    if (configMap === undefined) {
      return undefined;
    }
    const text = configMap.data?.[PRIORITIES_KEY];
    const read =
      text === undefined
        ? { ok: false as const, error: `doesn't contain ${PRIORITIES_KEY} key` }
        : parsePriorities(text);
    if (!read.ok) {
      const message = `Wrong configuration for priority expander: ${read.error}. Ignoring update.`;
      this.#options.events.event(configMap, 'Warning', 'PriorityConfigMapInvalid', message);
      return undefined;
    }
    return read.priorities;
  }

  #warnOfGroupsWithout(priorities: Priorities, groups: readonly NodeGroup[]): void {
    const configMap = this.#configMaps?.get(`${this.#options.config.namespace}/${PRIORITY_CONFIG_MAP}`);
    for (const { name } of groups.filter((group) => priorityOf(group.name, priorities) === undefined)) {
      const message =
        `Priority expander: node group ${name} not found in priority expander configuration. ` +
        "The group won't be used.";
      this.#options.events.event(configMap as ConfigMap, 'Warning', 'PriorityConfigMapNotMatchedGroup', message);
    }
  }
}
