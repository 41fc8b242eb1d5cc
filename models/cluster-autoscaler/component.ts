import type { EventHandle, Micros, Timeline } from '../../engine/index.js';
import { controllerOf, type Node, type Pod, type PodDisruptionBudget, type ReplicaSet } from '../api/index.js';
import type {
  ApiClient,
  Component,
  ControllerContext,
  EventRecorder,
  Informer,
  SchedulingSimulation,
} from '../client-go/index.js';
import type { NodeGroup, Surroundings } from './cloud.js';
import type { ClusterAutoscalerConfiguration } from './config.js';
import { type DrainSights, isBeingRemoved, isExpendable, isTooUnready, podsToMove } from './decisions.js';
import { type ClusterState, GroupStates } from './group-states.js';
import { Growth } from './growth.js';
import { NodeRemover } from './node-remover.js';
import { type Removal, ScaleDownPlanner } from './scale-down.js';
import { SoftTaints } from './soft-taints.js';
import { StatusConfigMap } from './status.js';
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
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #timeline: Timeline<NodeScalingRow> | undefined;
  readonly #growth: Growth;
  readonly #status: StatusConfigMap;
  readonly #softTaints: SoftTaints;
  #states: GroupStates;
  readonly #planner: ScaleDownPlanner;
  readonly #remover: NodeRemover;
  #isRunning = false;
  #hasCleanedUp = false;
  #firstPassAt: Micros = 0;
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;
  #lastScaleUp: Micros = Number.NEGATIVE_INFINITY;
  #lastRemoval: Micros = Number.NEGATIVE_INFINITY;
  #lastFailure: Micros = Number.NEGATIVE_INFINITY;

  constructor(options: ClusterAutoscalerOptions) {
    const { context, config, surroundings, startTime } = options;
    const { api, informers, simulation } = context;
    this.#options = options;
    const client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    const events = api.eventRecorder(client, { component: this.name });
    const unixTime = (): number => startTime + Math.floor(simulation.now / 1_000_000);
    this.#client = client;
    this.#events = events;
    this.#timeline = context.recorder.open(NODE_SCALING);
    this.#nodes = informers.informer('Node');
    this.#pods = informers.informer('Pod');
    this.#budgets = informers.informer('PodDisruptionBudget');
    this.#replicaSets = informers.informer('ReplicaSet');
    const daemonSets = informers.informer('DaemonSet');
    const { namespace, statusConfigMapName } = config;
    const status = new StatusConfigMap({ client, events, namespace, name: statusConfigMapName, startTime });
    this.#status = status;
    this.#growth = new Growth({
      context,
      config,
      surroundings,
      events,
      status,
      pods: this.#pods,
      daemonSets,
      onGrowth: (group, podCount) => this.#onGrowth(group, podCount),
    });
    this.#states = new GroupStates(config, surroundings.groups);
    this.#planner = new ScaleDownPlanner(config.scaleDown);
    this.#softTaints = new SoftTaints(simulation, client, config.scaleDown, unixTime);
    this.#remover = new NodeRemover({
      simulation,
      client,
      events,
      pods: this.#pods,
      config: config.scaleDown,
      unixTime,
      drainability: (node) => podsToMove(this.#podsOn(node), config.scaleDown, this.#sights),
      onMarkFailed: () => {
        this.#lastFailure = simulation.now;
      },
      onEnd: (removal, error) => this.#onRemovalEnd(removal, error),
    });
    const wake = (): void => this.#wake(simulation.now);
    for (const informer of [this.#nodes, this.#pods, this.#budgets, daemonSets]) {
      informer.onChange({ added: wake, modified: wake, deleted: wake });
    }
  }

  start(): void {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    const { context, config } = this.#options;
    if (config.writesStatusConfigMap) {
      this.#status.initialize(context.simulation.now);
    }
    context.informers.whenSynced(() => {
      this.#firstPassAt = context.simulation.now;
      this.#wake(context.simulation.now);
    });
  }

  stop(): void {
    this.#isRunning = false;
    this.#hasCleanedUp = false;
    this.#next?.cancel();
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#states = new GroupStates(this.#options.config, this.#options.surroundings.groups);
    this.#planner.forget();
    this.#remover.stop();
    this.#status.forget();
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
    const groups = this.#groupsByNode();
    this.#cleanUp(nodes, groups);
    const state = this.#states.look(nodes, this.#now);
    this.#giveUpOverdue(state);
    const { unready, registered } = state.total;
    const isHealthy = !isTooUnready(unready, registered, config.okTotalUnreadyCount, config.maxTotalUnreadyPercentage);
    if (isHealthy) {
      this.#autoscale(nodes, groups, state);
    } else {
      this.#planner.cleanUp();
      this.#status.event('Warning', 'ClusterUnhealthy', 'Cluster is unhealthy');
    }
    if (config.writesStatusConfigMap) {
      this.#status.write({ state, isHealthy, unneeded: this.#planner.unneeded }, this.#now);
    }
    const isBusy = this.#growth.waiting.length > 0 || this.#states.isExpecting || !isHealthy;
    this.#wake(isBusy ? this.#now : this.#planner.nextLook(this.#now));
  }

  #autoscale(all: readonly Node[], groups: ReadonlyMap<string, NodeGroup>, state: ClusterState): void {
    // A node that has joined and is not ready yet: a made-up one stands for it, and it is no candidate for removal.
    const upcoming = new Set(state.groups.flatMap(({ readiness }) => readiness.notStarted));
    const nodes = all.filter(({ metadata }) => !upcoming.has(metadata.name));
    const simulation = this.#simulated(nodes);
    const places = nodes.map(({ metadata }) => metadata.name).filter((name) => !this.#remover.isLeaving(name));
    const growth = this.#growth.run(all, state, simulation, places);
    if (growth !== 'grown' && this.#options.config.scaleDown.isEnabled) {
      this.#scaleDown(nodes, groups, simulation, growth === 'waited');
    }
  }

  /** Marks that an earlier life of the process left on nodes. As cleanUpIfRequired. */
  #cleanUp(nodes: readonly Node[], groups: ReadonlyMap<string, NodeGroup>): void {
    if (!this.#hasCleanedUp) {
      this.#hasCleanedUp = true;
      for (const node of nodes.filter((each) => isBeingRemoved(each) && groups.has(each.metadata.name))) {
        this.#remover.unmark(node.metadata.name);
      }
    }
  }

  #giveUpOverdue({ timedOut, overdue }: ClusterState): void {
    for (const { group, after } of timedOut) {
      this.#growth.tellTimedOut(group, after);
    }
    for (const { group, name } of overdue) {
      group.deleteNodes([name]);
      this.#status.event('Normal', 'DeleteUnregistered', `Removed unregistered node ${name}`);
      this.#record(group, 'given-up', name, 'did not join within --max-node-provision-time');
    }
  }

  #onGrowth(group: NodeGroup, podCount: number): void {
    this.#lastScaleUp = this.#now;
    this.#states.grew(group, this.#now);
    this.#record(group, 'scale-up', '', `${podCount} pods that no node takes`);
  }

  // -------------------------------------------------------------------------------------------------------------- shrinking

  #scaleDown(
    nodes: readonly Node[],
    groups: ReadonlyMap<string, NodeGroup>,
    simulation: SchedulingSimulation,
    isForbidden: boolean,
  ): void {
    const known = this.#planner.unneeded;
    this.#planner.update({
      now: this.#now,
      nodes,
      podsOn: (node) => this.#podsOn(node),
      groupOf: (node) => groups.get(node),
      simulation,
      sights: this.#sights,
      leaving: this.#remover.leaving,
    });
    this.#recordNeeds(known, this.#planner.unneeded, groups);
    const coolsUntil = this.#coolsUntil();
    if (isForbidden || !this.#planner.hasCandidates) {
      return;
    }
    if (this.#now < coolsUntil) {
      if (this.#planner.unneeded.size > 0) {
        this.#wake(coolsUntil);
      }
      return;
    }
    const removals = this.#planner.removals(this.#now, this.#remover.leaving);
    for (const removal of removals) {
      this.#startRemoval(removal);
    }
    if (removals.length === 0) {
      const own = nodes.filter(({ metadata }) => groups.has(metadata.name));
      this.#softTaints.update(own, this.#planner.unneeded);
    }
  }

  /** As isScaleDownInCooldown. */
  #coolsUntil(): Micros {
    const { delayAfterAdd, delayAfterDelete, delayAfterFailure } = this.#options.config.scaleDown;
    return Math.max(
      this.#lastScaleUp + delayAfterAdd,
      this.#lastRemoval + delayAfterDelete,
      this.#lastFailure + delayAfterFailure,
    );
  }

  #startRemoval(removal: Removal): void {
    const { group, node, isEmpty } = removal;
    const { name } = node.metadata;
    this.#lastRemoval = this.#now;
    const text = `Scale-down: removing ${isEmpty ? 'empty node' : 'node'} "${name}"`;
    this.#status.event('Normal', isEmpty ? 'ScaleDownEmpty' : 'ScaleDown', text);
    this.#record(group, 'removing', name, isEmpty ? 'empty' : 'its pods fit elsewhere');
    this.#remover.remove(removal);
  }

  #onRemovalEnd({ group, node }: Removal, error: string | undefined): void {
    const { name } = node.metadata;
    if (error === undefined) {
      this.#record(group, 'removed', name, '');
    } else {
      this.#planner.failed(name, this.#now);
      this.#record(group, 'removal-failed', name, error);
    }
    this.#wake(this.#now);
  }

  #recordNeeds(before: ReadonlySet<string>, now: ReadonlySet<string>, groups: ReadonlyMap<string, NodeGroup>): void {
    for (const name of now) {
      if (!before.has(name)) {
        this.#record(groups.get(name), 'unneeded', name, 'used little, and its pods fit elsewhere');
      }
    }
    for (const name of before) {
      const group = groups.get(name);
      if (!now.has(name) && group !== undefined && !this.#remover.isLeaving(name)) {
        this.#record(group, 'needed', name, 'used again, its pods fit nowhere else, or its group is at its smallest');
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------------- sights

  #groupsByNode(): ReadonlyMap<string, NodeGroup> {
    const { groups } = this.#options.surroundings;
    return new Map(groups.flatMap((group) => group.instances().map((name) => [name, group])));
  }

  #podsOn(node: string): readonly Pod[] {
    return [...this.#pods.byIndex('node', node)];
  }

  get #sights(): DrainSights {
    return {
      now: this.#now,
      budgets: [...this.#budgets.list()],
      replicasOf: (pod) => {
        const owner = controllerOf(pod);
        return owner?.kind === 'ReplicaSet'
          ? this.#replicaSets.get(`${pod.metadata.namespace}/${owner.name}`)?.spec?.replicas
          : undefined;
      },
    };
  }

  /** The cluster as the caches have it. */
  #simulated(nodes: readonly Node[]): SchedulingSimulation {
    const { surroundings, config } = this.#options;
    const simulation = surroundings.simulate();
    for (const node of nodes) {
      const { name } = node.metadata;
      simulation.addNode(node);
      for (const pod of this.#podsOn(name)) {
        if (!isExpendable(pod, config.expendablePodsPriorityCutoff)) {
          simulation.addPod(pod, name);
        }
      }
    }
    return simulation;
  }

  #record(group: NodeGroup | undefined, step: NodeScalingRow['step'], node: string, reason: string): void {
    this.#timeline?.append({ group: group?.name ?? '', step, node, target: group?.targetSize ?? 0, reason });
  }
}
