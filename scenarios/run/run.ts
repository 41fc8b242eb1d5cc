import {
  BucketEventQueue,
  type EventQueueKind,
  type Micros,
  Recorder,
  Simulation,
  seconds,
  type TimelineSink,
  TinyEventQueue,
} from '../../engine/index.js';
import { type AnyObject, isKind, type Kind, type Kinds, keyOf, withLastApplied } from '../../models/api/index.js';
import type { Draft, Then, Writer } from '../../models/client-go/index.js';
import type { Cluster, ClusterModel, ClusterOptions, NodeTemplate } from '../../models/cluster.js';
import { rfc3339 } from '../../reports/sinks/times.js';
import { type ActionContext, writerOf } from '../actions/action.js';
import { lastAppliedTextOf } from '../actions/written.js';
import type { FaultContext } from '../faults/fault.js';
import { Problems, throwProblem } from '../schema/errors.js';
import type { LoadedObject } from '../sources/manifests.js';
import { refusalProblems } from '../sources/refusals.js';
import { VERSION } from '../version.js';
import { ACTIONS, type ActionLine, ActionLog } from './action-log.js';
import { attribute } from './attribution.js';
import { ExpectationWatch, type Verdict } from './expectations.js';
import { ImpactWatch } from './impact.js';
import type { Pool, Scenario, ScheduledAction, ScheduledFault } from './scenario.js';
import { type Setting, settingsOf } from './settings.js';
import type { FaultStory } from './story.js';
import { type UnreadyPods, unreadyPods } from './unready-pods.js';
import { WorkloadFeed } from './workload-feed.js';

/** A cluster is not born with the scenario: its nodes join, with all phases of their loops, in this time before zero. */
const WARM_UP: Micros = seconds(30);

export interface RunOptions {
  readonly model: ClusterModel;
  /** Where recorded rows go; handed the clock of the run. */
  readonly sink: (now: () => Micros) => TimelineSink;
  readonly eventQueue?: EventQueueKind;
  /** False: every heartbeat, monitor pass and probe is an event. */
  readonly elideQuietEvents?: boolean;
  /** What kube-scheduler gets besides its configuration. */
  readonly scheduler?: ClusterOptions['scheduler'];
  /** The command that runs this again, printed when an invariant breaks. */
  readonly replay?: string;
}

/** What a run leaves besides its timelines. */
export interface RunResult {
  readonly name: string;
  readonly version: string;
  readonly kubernetesVersion: string;
  readonly seed: number;
  readonly startTime: string;
  readonly ranUntil: Micros;
  readonly fingerprint: string;
  readonly eventCount: number;
  readonly settings: readonly Setting[];
  readonly actions: readonly ActionLine[];
  /** Actions that ended with an error nobody expected, or without the one that was. */
  readonly failedActions: number;
  readonly faults: readonly FaultStory[];
  readonly expectations: readonly Verdict[];
  readonly inert: Readonly<Record<string, number>>;
  readonly unsupported: readonly string[];
  /** At the end. */
  readonly unready: UnreadyPods;
}

/** Kinds that admission reads when other objects are created. */
const LOOKED_AT_BY_ADMISSION: ReadonlySet<string> = new Set([
  'LimitRange',
  'Namespace',
  'PriorityClass',
  'ResourceQuota',
  'RuntimeClass',
  'ServiceAccount',
  'StorageClass',
]);

/** Who made the objects that are there from the start. */
const APPLIED_BEFORE: Writer = { manager: 'kubectl-client-side-apply' };

const idOf = (object: AnyObject): string => `${object.kind} ${keyOf(object)}`;

/** A fault that struck, and what is seen of it. */
interface Impact {
  readonly fault: ScheduledFault;
  readonly watch: ImpactWatch;
}

/** A scenario that runs: it can be stepped, asked, and brought to its end. */
export class Run {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  readonly cluster: Cluster;
  readonly #sink: TimelineSink;
  readonly #actions: ActionLog;
  readonly #drains: ActionContext['drains'] = new Map();
  readonly #impacts: Impact[] = [];
  readonly #expectations: ExpectationWatch;
  readonly #initial = new Map<string, AnyObject>();
  readonly #kept = new Set<string>();
  readonly #poolOf = new Map<string, string>();
  readonly #machinesOf = new Map<string, number>();
  readonly #settings: readonly Setting[];
  readonly #taintsAPassLater: boolean;
  readonly #feed: WorkloadFeed;
  #isAnswered = false;
  #result: RunResult | undefined;

  constructor(scenario: Scenario, options: RunOptions) {
    this.scenario = scenario;
    const catalogue = options.model.catalogue(scenario.kubernetesVersion);
    this.#settings = settingsOf(scenario, catalogue);
    this.#taintsAPassLater = catalogue.taintsAPassLater;
    this.simulation = new Simulation({
      seed: scenario.seed,
      queue: options.eventQueue === 'plain' ? new TinyEventQueue() : new BucketEventQueue(),
      startAt: -WARM_UP,
      ...(options.replay !== undefined && { replay: options.replay }),
    });
    this.#sink = options.sink(() => this.simulation.now);
    const recorder = new Recorder(this.#sink, scenario.record);
    this.#actions = new ActionLog(this.simulation, recorder.open(ACTIONS));
    this.cluster = createCluster(options.model, {
      simulation: this.simulation,
      recorder,
      kubernetesVersion: scenario.kubernetesVersion,
      configuration: scenario.configuration,
      world: scenario.world,
      behaviourOf: scenario.behaviourOf,
      looksAtTraffic: scenario.looksAtTraffic,
      metricSeries: scenario.metricSeries,
      imageOf: scenario.imageOf,
      nodes: scenario.nodes,
      nodeGroups: [...scenario.pools.values()].flatMap((pool) => this.#nodeGroupsOf(pool)),
      startTime: scenario.startTime,
      ...(scenario.controlPlanes !== undefined && { controlPlanes: scenario.controlPlanes }),
      keepsEndpoints: scenario.keepsEndpoints,
      keepsEvents: options.elideQuietEvents === false || scenario.keepsEvents,
      ...(options.elideQuietEvents !== undefined && { elideQuietEvents: options.elideQuietEvents }),
      scheduler: { plugins: scenario.schedulerPlugins, ...options.scheduler },
    });
    for (const { name, pool } of scenario.nodes) {
      this.#poolOf.set(name, pool);
    }
    for (const { name, count } of scenario.pools.values()) {
      this.#machinesOf.set(name, count);
    }
    this.simulation.runUntil(0);
    this.#feed = new WorkloadFeed(this.simulation, this.cluster, (line) => this.#actions.say(line));
    this.#keepManagers();
    this.#createObjects();
    this.#schedule();
    const { startTime, expectations } = scenario;
    this.#expectations = new ExpectationWatch(this.simulation, this.cluster, startTime, expectations);
  }

  /** Virtual time now. */
  get now(): Micros {
    return this.simulation.now;
  }

  /** Whether the API server has answered all requests that make the objects of the manifests. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isDone(): boolean {
    return this.#result !== undefined || this.simulation.now >= this.scenario.runFor;
  }

  /** Fires the next event. False when the run's time is over or nothing is pending. */
  step(): boolean {
    return !this.isDone && this.simulation.nextAt <= this.scenario.runFor && this.simulation.step();
  }

  /** Runs to this virtual time, or to the end of the run if that is earlier. */
  runUntil(at: Micros): void {
    const until = Math.min(at, this.scenario.runFor);
    if (until > this.simulation.now && this.#result === undefined) {
      this.simulation.runUntil(until);
    }
  }

  /** Runs to the end, closes the timelines and answers what is left. */
  finish(): RunResult {
    if (this.#result === undefined) {
      this.runUntil(this.scenario.runFor);
      this.#feed.close();
      this.#result = this.#conclude();
      this.#sink.close();
    }
    return this.#result;
  }

  /** Objects that the server will apply are as kubectl apply left them before; of the others nobody asks who wrote them. */
  #keepManagers(): void {
    for (const { kind, spec, objects } of this.scenario.actions) {
      for (const object of kind.appliesByServer?.(spec) ? objects : []) {
        if (isKind(object.kind)) {
          this.#kept.add(idOf(object));
          this.cluster.keepManagers(object.kind, keyOf(object));
        }
      }
    }
  }

  /** In two waves, since the API server looks at the first when it admits the second; within one, all at once. */
  #createObjects(): void {
    const isFirst = ({ object }: LoadedObject): boolean => LOOKED_AT_BY_ADMISSION.has(object.kind);
    const { objects } = this.scenario;
    const problems = new Problems();
    this.#createAll(objects.filter(isFirst), problems, () => {
      this.#createAll(
        objects.filter((loaded) => !isFirst(loaded)),
        problems,
        () => {
          problems.throwIfAny();
          this.#isAnswered = true;
        },
      );
      this.#feed.start(this.scenario.workloads);
    });
  }

  /** What the API server refuses is the user's mistake; all refusals are told when all requests have been answered. */
  #createAll(objects: readonly LoadedObject[], problems: Problems, then: () => void): void {
    let unanswered = objects.length;
    if (unanswered === 0) {
      then();
    }
    for (const loaded of objects) {
      const { object } = loaded;
      const answered: Then<Kinds[Kind]> = (reply) => {
        if (reply.ok) {
          this.#initial.set(reply.object.metadata.uid ?? '', object);
        } else {
          problems.addAll(refusalProblems(loaded, reply.error));
        }
        unanswered--;
        if (unanswered === 0) {
          then();
        }
      };
      const draft = this.#kept.has(idOf(object))
        ? withLastApplied(object, lastAppliedTextOf(this.scenario, object))
        : object;
      this.cluster.user.create(object.kind as Kind, draft as unknown as Draft<Kinds[Kind]>, answered, APPLIED_BEFORE);
    }
  }

  #schedule(): void {
    for (const action of this.scenario.actions) {
      this.simulation.after(action.at, () => action.kind.perform(this.#actionContext(action), action.spec));
    }
    for (const [ordinal, fault] of this.scenario.faults.entries()) {
      this.simulation.after(fault.at, () => this.#strike(fault, ordinal));
    }
  }

  #strike(fault: ScheduledFault, ordinal: number): void {
    const context: FaultContext = {
      ordinal,
      simulation: this.simulation,
      cluster: this.cluster,
      poolOf: (node) => this.#poolOf.get(node),
    };
    const injection = fault.kind.inject(context, fault.spec);
    const impact: Impact = {
      fault,
      watch: new ImpactWatch(this.cluster, injection, fault.healsAt < Number.POSITIVE_INFINITY),
    };
    this.#impacts.push(impact);
    if (injection.nodes.length + injection.pods.length === 0 && injection.elsewhere === undefined) {
      this.#actions.say(`${fault.spec.kind} found nothing to strike`);
    }
    if (fault.healsAt < Number.POSITIVE_INFINITY) {
      this.simulation.after(fault.healsAt - fault.at, () => {
        injection.heal();
        impact.watch.heal();
      });
    }
  }

  #actionContext(action: ScheduledAction): ActionContext {
    const terminal = this.#actions.open(action);
    return {
      simulation: this.simulation,
      cluster: this.cluster,
      user: this.cluster.user,
      objects: action.objects,
      writer: writerOf(action),
      initial: this.#initial,
      decoding: this.scenario,
      drains: this.#drains,
      addNodes: (pool, count) => this.#addNodes(pool, count),
      wallClock: () => rfc3339(Math.floor(this.now / 1_000_000) * 1_000_000, this.scenario.startTime),
      nodesOf: (pool) => this.cluster.nodeNames().filter((name) => this.#isMember(name, pool)),
      say: (line, failed) => terminal.say(line, failed),
      unfinished: (waitsFor) => terminal.unfinished(waitsFor),
    };
  }

  #nodeGroupsOf({ name, count, price, autoscaling, zones, template }: Pool): NonNullable<ClusterOptions['nodeGroups']> {
    if (autoscaling === undefined) {
      return [];
    }
    const known = (index: number): NodeTemplate => {
      const made = template(index);
      this.#poolOf.set(made.name, name);
      return made;
    };
    const owner = autoscaling === 'karpenter' ? autoscaling : { minSize: autoscaling.min, maxSize: autoscaling.max };
    return [{ name, size: count, owner, price, zones, template: known }];
  }

  #addNodes(name: string, count: number): readonly string[] {
    const pool = this.scenario.pools.get(name);
    const first = this.#machinesOf.get(name) ?? 0;
    this.#machinesOf.set(name, first + count);
    return Array.from({ length: pool ? count : 0 }, (_, i) => {
      const template = (pool as NonNullable<typeof pool>).template(first + i);
      this.#poolOf.set(template.name, name);
      this.cluster.addNode(template);
      return template.name;
    });
  }

  #isMember(node: string, pool: string): boolean {
    return this.#poolOf.get(node) === pool && this.cluster.get('Node', node) !== undefined;
  }

  #conclude(): RunResult {
    const actions = this.#actions.conclude();
    const { name, kubernetesVersion, seed, startTime, inert, unsupported } = this.scenario;
    return {
      name,
      version: VERSION,
      kubernetesVersion,
      seed,
      startTime: rfc3339(0, startTime),
      ranUntil: this.simulation.now,
      fingerprint: this.simulation.fingerprint,
      eventCount: this.simulation.eventCount,
      settings: this.#settings,
      actions: actions.lines,
      failedActions: actions.failed,
      faults: this.#impacts.map((impact) => this.#storyOf(impact)),
      expectations: this.#expectations.close(),
      inert,
      unsupported,
      unready: unreadyPods(this.cluster.list('Pod')),
    };
  }

  #storyOf({ fault, watch }: Impact): FaultStory {
    const { struckAt: at, healedAt, isDeadly, nodes, pods, services } = watch;
    const segments = attribute(
      { at, healedAt, nodes, pods },
      {
        flag: (name) => this.#flagInForce(name),
        tolerationSeconds: (pod) => watch.tolerationSeconds(pod),
        taintsAPassLater: this.#taintsAPassLater,
      },
    );
    const kind = fault.spec.kind;
    return { kind, at, ...(healedAt !== undefined && { healedAt }), isDeadly, nodes, pods, services, segments };
  }

  #flagInForce(name: string): string | undefined {
    return this.#settings.find((setting) => setting.name === `--${name}`)?.value;
  }
}

/** What a component refuses in its configuration is the user's mistake. */
function createCluster(model: ClusterModel, options: ClusterOptions): Cluster {
  try {
    return model.create(options);
  } catch (error) {
    if (error instanceof RangeError) {
      return throwProblem({ code: 'BAD_VALUE', path: 'spec.configuration', message: error.message });
    }
    throw error;
  }
}
