import { CycleState } from './cycle-state.js';
import type { Diagnosis } from './diagnosis.js';
import type { NodeInfo } from './node-info.js';
import { EXTENSION_POINTS, type ExtensionPoint, MAX_NODE_SCORE, type Plugin } from './plugin.js';
import type { PodInfo } from './pod-info.js';
import type { PostFilterContext, PostFilterResult } from './post-filter.js';
import type { Snapshot } from './snapshot.js';
import { failure, type Status, unresolvable } from './status.js';

/** Pods that other cycles have promised a node to. As fwk.PodNominator. */
export interface Nominator {
  /** Nobody is promised anything. */
  readonly isEmpty: boolean;
  nominatedPods(nodeName: string): readonly PodInfo[];
}

export interface ProfileOptions {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number | undefined;
  /** Names in order, for every extension point. */
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>;
  readonly plugins: readonly Plugin[];
  readonly scoreWeights: ReadonlyMap<string, number>;
  readonly nominator: Nominator;
}

type FilterFunction = (pod: PodInfo, node: NodeInfo, state: unknown) => Status | undefined;

export interface PreFilterOutcome {
  /** Set when the pod is refused without looking at nodes. */
  readonly status?: Status;
  /** Set when only these nodes come into question. */
  readonly nodeNames?: ReadonlySet<string>;
  /** The plugins that narrowed the nodes, sorted. */
  readonly narrowedBy: readonly string[];
}

/** Scores of one plugin, aligned with the feasible nodes; `weighted` is what is summed up. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  readonly weighted: readonly number[];
}

/**
 * The plugins of one scheduler name, run in order at each extension point.
 * As frameworkImpl (pkg/scheduler/framework/runtime/framework.go).
 */
export class Profile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number | undefined;
  readonly plugins: readonly Plugin[];
  readonly #at: Readonly<Record<ExtensionPoint, readonly number[]>>;
  readonly #weights: readonly number[];
  readonly #nominator: Nominator;
  readonly #preFilterNames: ReadonlySet<string>;
  /** Filter methods by plugin: looking them up in objects of many shapes would cost more than they do. */
  readonly #filters: readonly (FilterFunction | undefined)[];
  readonly #scratch: number[] = [];

  constructor(options: ProfileOptions) {
    this.schedulerName = options.schedulerName;
    this.percentageOfNodesToScore = options.percentageOfNodesToScore;
    this.plugins = options.plugins;
    this.#nominator = options.nominator;
    const numbers = new Map(options.plugins.map((plugin, i) => [plugin.name, i]));
    const at = {} as Record<ExtensionPoint, readonly number[]>;
    for (const point of EXTENSION_POINTS) {
      at[point] = options.points[point].map((name) => numbers.get(name) as number);
    }
    this.#at = at;
    this.#weights = options.plugins.map(({ name }) => options.scoreWeights.get(name) ?? 1);
    this.#preFilterNames = new Set(options.points.preFilter);
    this.#filters = options.plugins.map((plugin) => plugin.filter && plugin.filter.bind(plugin));
  }

  /** Plugins of an extension point in order. */
  at(point: ExtensionPoint): readonly Plugin[] {
    return this.#at[point].map((i) => this.plugins[i] as Plugin);
  }

  isAt(point: ExtensionPoint, plugin: Plugin): boolean {
    return this.#at[point].some((i) => this.plugins[i] === plugin);
  }

  /** Weight of the plugin's scores. */
  weightOf(plugin: Plugin): number {
    return this.#weights[this.plugins.indexOf(plugin)] ?? 1;
  }

  has(point: ExtensionPoint): boolean {
    return this.#at[point].length > 0;
  }

  newState(): CycleState {
    return new CycleState(this.plugins.length);
  }

  /** As RunPreFilterPlugins: an unresolvable refusal ends it, an ordinary one is remembered while the rest runs. */
  runPreFilter(state: CycleState, pod: PodInfo, snapshot: Snapshot): PreFilterOutcome {
    const ran = new Set<string>();
    const narrowedBy: string[] = [];
    let nodeNames: ReadonlySet<string> | undefined;
    let refused: Status | undefined;
    for (const i of this.#at.preFilter) {
      const plugin = this.plugins[i] as Plugin;
      const result = plugin.preFilter?.(pod, snapshot);
      if (result === undefined) {
        continue;
      }
      if ('status' in result) {
        if (result.status.code !== 'Unschedulable') {
          state.preFiltered = ran;
          return { status: result.status, narrowedBy: [] };
        }
        refused = result.status;
        ran.add(plugin.name);
        continue;
      }
      ran.add(plugin.name);
      if ('skip' in result) {
        state.skipsFilter[i] = true;
        continue;
      }
      state.filterStates[i] = result.state;
      if (result.nodeNames !== undefined) {
        narrowedBy.push(plugin.name);
        narrowedBy.sort();
        nodeNames = nodeNames === undefined ? result.nodeNames : intersect(nodeNames, result.nodeNames);
        if (nodeNames.size === 0) {
          state.preFiltered = ran;
          const text =
            narrowedBy.length === 1
              ? `node(s) didn't satisfy plugin ${narrowedBy[0]}`
              : `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}] simultaneously`;
          return { status: unresolvable('', text), nodeNames, narrowedBy };
        }
      }
    }
    state.preFiltered = this.#preFilterNames.size === ran.size ? this.#preFilterNames : ran;
    return { ...(refused && { status: refused }), ...(nodeNames && { nodeNames }), narrowedBy };
  }

  /** The first refusal of this node, or undefined when all plugins let the pod pass. As RunFilterPlugins. */
  runFilter(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined {
    const { filterStates } = state;
    state.activeFilters ??= this.#at.filter.filter((i) => !state.skipsFilter[i]);
    for (const i of state.activeFilters) {
      const status = (this.#filters[i] as FilterFunction)(pod, node, filterStates[i]);
      if (status !== undefined) {
        return status;
      }
    }
    return undefined;
  }

  /**
   * Filters a node on which other pods are nominated: once as if those of equal or higher priority were there, and once without,
   * because affinity may depend on them and they may never come. As RunFilterPluginsWithNominatedPods.
   */
  runFilterWithNominated(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined {
    const nominated = this.#nominator.isEmpty ? [] : this.#nominator.nominatedPods(node.name);
    if (nominated.length > 0) {
      const counted = nominated.filter((other) => other.priority >= pod.priority && other.uid !== pod.uid);
      if (counted.length > 0) {
        const tried = node.clone();
        const triedState = state.cloneFor(this.plugins);
        for (const other of counted) {
          this.addPod(triedState, pod, other, tried);
        }
        const status = this.runFilter(triedState, pod, tried);
        if (status !== undefined) {
          return status;
        }
      }
    }
    return this.runFilter(state, pod, node);
  }

  /** Puts a pod on a tried-out node and tells the plugins' filter states. */
  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    node.addPod(added);
    this.#tell('addPod', state, pod, added, node);
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    node.removePod(removed.key);
    this.#tell('removePod', state, pod, removed, node);
  }

  #tell(method: 'addPod' | 'removePod', state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo): void {
    for (const i of this.#at.preFilter) {
      if (!state.skipsFilter[i]) {
        (this.plugins[i] as Plugin)[method]?.(pod, other, node, state.filterStates[i]);
      }
    }
  }

  /** As RunPostFilterPlugins: the first success ends it, and so does anything worse than an ordinary refusal. */
  runPostFilter(context: PostFilterContext): PostFilterResult {
    const messages: string[] = [];
    let nominatedNodeName: string | undefined;
    for (const plugin of this.at('postFilter')) {
      const result = plugin.postFilter?.(context);
      if (result === undefined) {
        continue;
      }
      if (result.status?.code !== 'Unschedulable') {
        return result;
      }
      nominatedNodeName = result.nominatedNodeName ?? nominatedNodeName;
      if (result.message !== '') {
        messages.push(result.message);
      }
    }
    const message = messages.join(', ');
    return {
      status: { code: 'Unschedulable', plugin: '', reasons: messages },
      message,
      ...(nominatedNodeName !== undefined && { nominatedNodeName }),
    };
  }

  /** Weighted sums per feasible node. `record` receives the scores of every plugin that took part. */
  runScore(
    state: CycleState,
    pod: PodInfo,
    feasible: readonly NodeInfo[],
    snapshot: Snapshot,
    record?: (scores: PluginScores) => void,
  ): readonly number[] | Status {
    this.#runPreScore(state, pod, feasible, snapshot);
    const totals = new Array<number>(feasible.length).fill(0);
    const scores = this.#scratch;
    scores.length = feasible.length;
    for (const i of this.#at.score) {
      const plugin = this.plugins[i] as Plugin;
      if (state.skipsScore[i] || plugin.score === undefined) {
        continue;
      }
      const scoreState = state.scoreStates[i];
      for (let j = 0; j < feasible.length; j++) {
        scores[j] = plugin.score(pod, feasible[j] as NodeInfo, scoreState);
      }
      const raw = record && [...scores];
      plugin.normalizeScores?.(scores, feasible, scoreState);
      const weight = this.#weights[i] as number;
      for (let j = 0; j < feasible.length; j++) {
        const score = scores[j] as number;
        if (!isScore(score)) {
          const text =
            `plugin "${plugin.name}" returns an invalid score ${score}, ` +
            `it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`;
          return failure(plugin.name, text);
        }
        totals[j] = (totals[j] as number) + score * weight;
      }
      if (record && raw) {
        record({ plugin: plugin.name, weight, raw, weighted: scores.map((score) => score * weight) });
      }
    }
    return totals;
  }

  #runPreScore(state: CycleState, pod: PodInfo, feasible: readonly NodeInfo[], snapshot: Snapshot): void {
    for (const i of this.#at.preScore) {
      const filterState = state.skipsFilter[i] ? undefined : state.filterStates[i];
      const result = (this.plugins[i] as Plugin).preScore?.(pod, feasible, snapshot, filterState);
      if (result === 'skip') {
        state.skipsScore[i] = true;
      } else {
        state.scoreStates[i] = result;
      }
    }
  }

  /** Records the refusal in the diagnosis as the cycle does. */
  static refuse(diagnosis: Diagnosis, node: NodeInfo, status: Status): void {
    diagnosis.refuse(node.name, status);
    diagnosis.addRejector(status);
  }
}

/** What plugins of Kubernetes cannot but give; others may be mistaken. */
export const isScore = (score: number): boolean => score >= 0 && score <= MAX_NODE_SCORE && Number.isInteger(score);

const intersect = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((name) => b.has(name)));
