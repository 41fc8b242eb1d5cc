import { type EventHandle, entityKey, type Micros, type RandomStream, type Timeline } from '../../engine/index.js';
import {
  controllerReference,
  type DaemonSet,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  podFromTemplate,
  type ReplicaSet,
} from '../api/index.js';
import type { ApiClient, Component, ControllerContext, EventRecorder, Informer } from '../client-go/index.js';
import type { NodeGroup, SchedulingSimulation, Surroundings } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { type DrainSights, isReady, isTooUnready, needsHelp, podsToMove } from './decisions.js';
import { type GroupState, GroupStates } from './group-states.js';
import { NodeRemover } from './node-remover.js';
import { type Removal, ScaleDownPlanner } from './scale-down.js';
import { decideScaleUp, type ScaleUpDecision, withoutThoseThatWillFit } from './scale-up.js';
import { NODE_SCALING, type NodeScalingRow } from './timelines.js';

export interface ClusterAutoscalerOptions {
  readonly context: ControllerContext;
  readonly config: ClusterAutoscalerConfiguration;
  readonly surroundings: Surroundings;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
}

/**
 * cluster-autoscaler: adds nodes for pods that find none, and removes nodes that nobody needs. As StaticAutoscaler.RunOnce (autoscaler
 * cluster-autoscaler/core/static_autoscaler.go). A pass that could find nothing new is left out.
 */
export class ClusterAutoscaler implements Component {
  readonly name = 'cluster-autoscaler';
  readonly #options: ClusterAutoscalerOptions;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #daemonSets: Informer<DaemonSet>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #timeline: Timeline<NodeScalingRow> | undefined;
  readonly #ties: RandomStream;
  #states: GroupStates;
  readonly #planner: ScaleDownPlanner;
  readonly #remover: NodeRemover;
  #isRunning = false;
  #firstPassAt: Micros = 0;
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;
  #lastScaleUp: Micros = Number.NEGATIVE_INFINITY;
  #lastRemoval: Micros = Number.NEGATIVE_INFINITY;
  #lastFailure: Micros = Number.NEGATIVE_INFINITY;
  #decisions = 0;

  constructor(options: ClusterAutoscalerOptions) {
    const { context, config } = options;
    const { api, informers, simulation } = context;
    this.#options = options;
    this.#client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = api.eventRecorder(this.#client, { component: this.name });
    this.#timeline = context.recorder.open(NODE_SCALING);
    this.#ties = simulation.stream('cluster-autoscaler expander');
    this.#nodes = informers.informer('Node');
    this.#pods = informers.informer('Pod');
    this.#budgets = informers.informer('PodDisruptionBudget');
    this.#daemonSets = informers.informer('DaemonSet');
    this.#replicaSets = informers.informer('ReplicaSet');
    this.#states = new GroupStates(config, options.surroundings.groups);
    this.#planner = new ScaleDownPlanner(config.scaleDown);
    this.#remover = new NodeRemover({
      simulation,
      client: this.#client,
      events: this.#events,
      pods: this.#pods,
      config: config.scaleDown,
      unixTime: () => options.startTime + Math.floor(simulation.now / 1_000_000),
      drainability: (node) => podsToMove(this.#podsOn(node), config.scaleDown, this.#sights),
      onEnd: (removal, error) => this.#onRemovalEnd(removal, error),
    });
    const wake = (): void => this.#wake(simulation.now);
    for (const informer of [this.#nodes, this.#pods, this.#budgets, this.#daemonSets]) {
      informer.onChange({ added: wake, modified: wake, deleted: wake });
    }
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    const { context } = this.#options;
    context.informers.whenSynced(() => {
      this.#firstPassAt = context.simulation.now;
      this.#wake(context.simulation.now);
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#next?.cancel();
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#states = new GroupStates(this.#options.config, this.#options.surroundings.groups);
    this.#planner.forget();
    this.#remover.stop();
    this.#client.abandon();
    this.#events.reset();
  }

  get #now(): Micros {
    return this.#options.context.simulation.now;
  }

  /** Something may have changed: the next pass from then on has to look. */
  #wake(from: Micros): void {
    if (!this.#isRunning || from === Number.POSITIVE_INFINITY) {
      return;
    }
    const { scanInterval } = this.#options.config;
    const passed = Math.ceil((Math.max(from, this.#now + 1) - this.#firstPassAt) / scanInterval);
    const at = this.#firstPassAt + Math.max(0, passed) * scanInterval;
    if (at < this.#nextAt) {
      this.#next?.cancel();
      this.#nextAt = at;
      this.#next = this.#options.context.simulation.after(at - this.#now, () => this.#pass());
    }
  }

  #pass(): void {
    this.#nextAt = Number.POSITIVE_INFINITY;
    const { config } = this.#options;
    const nodes = [...this.#nodes.list()];
    const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
    this.#giveUpOverdue(byName);
    const unready = nodes.filter((node) => !isReady(node)).length;
    const states = this.#states.states(byName, this.#now);
    const isHealthy = !isTooUnready(
      unready,
      nodes.length,
      config.okTotalUnreadyCount,
      config.maxTotalUnreadyPercentage,
    );
    if (isHealthy) {
      const simulation = this.#simulated(nodes);
      if (!this.#scaleUp(nodes, states, simulation) && config.scaleDown.isEnabled) {
        this.#scaleDown(nodes, simulation);
      }
    }
    this.#planNextPass(isHealthy);
  }

  #planNextPass(isHealthy: boolean): void {
    const { config } = this.#options;
    const hasWaiting = [...this.#pods.list()].some((pod) => needsHelp(pod, config.expendablePodsPriorityCutoff));
    const isBusy = hasWaiting || this.#states.isExpecting || !isHealthy;
    this.#wake(isBusy ? this.#now : this.#planner.nextLook(this.#now));
  }

  #giveUpOverdue(nodes: ReadonlyMap<string, Node>): void {
    for (const { group, name } of this.#states.overdue(nodes, this.#now)) {
      group.deleteNodes([name]);
      this.#states.failed(group, this.#now);
      this.#record(group, 'given-up', name, 'did not join within --max-node-provision-time');
    }
  }

  // -------------------------------------------------------------------------------------------------------------- growth

  #scaleUp(nodes: readonly Node[], states: readonly GroupState[], simulation: SchedulingSimulation): boolean {
    const { config } = this.#options;
    const waiting = [...this.#pods.list()].filter((pod) => needsHelp(pod, config.expendablePodsPriorityCutoff));
    if (waiting.length === 0) {
      return false;
    }
    const view = {
      now: this.#now,
      nodeCount: nodes.length,
      states,
      simulation,
      daemonPodsOf: (node: Node) => this.#daemonPodsOf(node),
      chance: () => this.#ties.uniform(entityKey('expander'), this.#decisions),
    };
    const names = nodes.map(({ metadata }) => metadata.name).filter((name) => !this.#remover.isLeaving(name));
    const pods = withoutThoseThatWillFit(view, waiting, names);
    const oldest = Math.min(...pods.map(({ metadata }) => metadata.creationTimestamp ?? 0));
    if (pods.length === 0 || oldest + config.unschedulablePodTimeBuffer > this.#now) {
      return false;
    }
    const decision = decideScaleUp({ ...view, pods }, config);
    this.#decisions++;
    return this.#grow(decision);
  }

  #grow({ option, count, refused }: ScaleUpDecision): boolean {
    for (const { pod, message } of refused) {
      this.#events.event(pod, 'Normal', 'NotTriggerScaleUp', `pod didn't trigger scale-up: ${message}`);
    }
    if (option === undefined || count <= 0) {
      return false;
    }
    const { group, pods } = option;
    const before = group.targetSize;
    group.increaseSize(count);
    this.#lastScaleUp = this.#now;
    const text = `pod triggered scale-up: [{${group.name} ${before}->${before + count} (max: ${group.maxSize})}]`;
    for (const pod of pods) {
      this.#events.event(pod, 'Normal', 'TriggeredScaleUp', text);
    }
    this.#record(group, 'scale-up', '', `${pods.length} pods that no node takes`);
    return true;
  }

  /** Pods of the DaemonSets that put one on such a node. */
  #daemonPodsOf(node: Node): readonly Pod[] {
    const probe = this.#options.surroundings.simulate();
    probe.addNode(node);
    return [...this.#daemonSets.list()].flatMap((daemonSet) => {
      const { template } = daemonSet.spec;
      const draft = podFromTemplate(template, daemonSet, controllerReference(daemonSet));
      const pod = { ...draft, metadata: { ...draft.metadata, name: daemonSet.metadata.name } } as Pod;
      return probe.ask(pod).refusal(node.metadata.name) === undefined ? [pod] : [];
    });
  }

  // -------------------------------------------------------------------------------------------------------------- shrinking

  #scaleDown(nodes: readonly Node[], simulation: SchedulingSimulation): void {
    const { surroundings, config } = this.#options;
    const known = this.#planner.unneeded;
    const groups = new Map(surroundings.groups.flatMap((group) => group.instances().map((name) => [name, group])));
    const groupOf = (node: string): NodeGroup | undefined => groups.get(node);
    this.#planner.update({
      now: this.#now,
      nodes,
      podsOn: (node) => this.#podsOn(node),
      groupOf,
      simulation,
      sights: this.#sights,
      isLeaving: (node) => this.#remover.isLeaving(node),
    });
    this.#recordNeeds(known, this.#planner.unneeded, groupOf);
    const { delayAfterAdd, delayAfterDelete, delayAfterFailure } = config.scaleDown;
    const coolsUntil = Math.max(
      this.#lastScaleUp + delayAfterAdd,
      this.#lastRemoval + delayAfterDelete,
      this.#lastFailure + delayAfterFailure,
    );
    if (this.#now < coolsUntil) {
      if (this.#planner.unneeded.size > 0) {
        this.#wake(coolsUntil);
      }
      return;
    }
    for (const removal of this.#planner.removals(this.#now, this.#remover.leaving)) {
      this.#record(
        removal.group,
        'removing',
        removal.node.metadata.name,
        removal.isEmpty ? 'empty' : 'its pods fit elsewhere',
      );
      this.#remover.remove(removal);
    }
  }

  #onRemovalEnd({ group, node }: Removal, error: string | undefined): void {
    const { name } = node.metadata;
    if (error === undefined) {
      this.#lastRemoval = this.#now;
      this.#record(group, 'removed', name, '');
    } else {
      this.#lastFailure = this.#now;
      this.#planner.failed(name, this.#now);
      this.#record(group, 'removal-failed', name, error);
    }
    this.#wake(this.#now);
  }

  #recordNeeds(
    before: ReadonlySet<string>,
    now: ReadonlySet<string>,
    groupOf: (node: string) => NodeGroup | undefined,
  ): void {
    for (const name of now) {
      if (!before.has(name)) {
        this.#record(groupOf(name), 'unneeded', name, 'used little, and its pods fit elsewhere');
      }
    }
    for (const name of before) {
      const group = groupOf(name);
      if (!now.has(name) && group !== undefined && !this.#remover.isLeaving(name)) {
        this.#record(group, 'needed', name, 'used again, or its pods fit nowhere else');
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------------- sights

  #podsOn(node: string): readonly Pod[] {
    return [...this.#pods.byIndex('node', node)];
  }

  get #sights(): DrainSights {
    return {
      budgets: [...this.#budgets.list()],
      replicasOf: ({ metadata }) => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller);
        return owner?.kind === 'ReplicaSet'
          ? this.#replicaSets.get(`${metadata.namespace}/${owner.name}`)?.spec?.replicas
          : undefined;
      },
    };
  }

  /** The cluster as the caches have it, but for nodes that are being removed. */
  #simulated(nodes: readonly Node[]): SchedulingSimulation {
    const simulation = this.#options.surroundings.simulate();
    for (const node of nodes) {
      const { name } = node.metadata;
      simulation.addNode(node);
      for (const pod of this.#podsOn(name)) {
        simulation.addPod(pod, name);
      }
    }
    return simulation;
  }

  #record(group: NodeGroup | undefined, step: NodeScalingRow['step'], node: string, reason: string): void {
    this.#timeline?.append({ group: group?.name ?? '', step, node, target: group?.targetSize ?? 0, reason });
  }
}
