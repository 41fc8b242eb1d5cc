import { Cycle, type CycleOptions, type CycleResult, feasibleNodesToFind } from '../framework/cycle.js';
import { CycleState } from '../framework/cycle-state.js';
import { Diagnosis } from '../framework/diagnosis.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import { isScore, type Nominator, type Profile } from '../framework/profile.js';
import { heapRoot, oneOfTheBest } from '../framework/select-host.js';
import type { Snapshot } from '../framework/snapshot.js';
import type { Status } from '../framework/status.js';
import { ClassTable, classKeyOf } from './class-table.js';
import type { ClusterView } from './cluster-view.js';
import type { IncrementalPlugin } from './incremental-plugin.js';

/** Kinds of pods remembered; beyond it all are forgotten. */
const CLASS_LIMIT = 4096;

/**
 * Decides as the plain cycle does, from what is kept instead of worked out: per kind of pod what each node alone is worth, and for
 * spreading and pod affinity running counts. Whatever it does not know (nominations, volumes, extenders, failures, explanations)
 * goes to the plain cycle. The two are compared on random clusters by test/fuzz.
 */
export class IncrementalCycle {
  readonly #plain: Cycle;
  readonly #options: CycleOptions;
  readonly #view: ClusterView;
  readonly #nominator: Nominator;
  readonly #classes = new Map<string, ClassTable | undefined>();
  readonly #incremental = new Map<Profile, readonly (readonly [IncrementalPlugin, number])[]>();
  /** The list of nodes that `#order` was made for, and the slot at each position. */
  #ordered: readonly NodeInfo[] = [];
  #order = new Int32Array(0);
  #slots = new Int32Array(0);
  #totals = new Float64Array(0);
  #scores = new Float64Array(0);

  constructor(options: CycleOptions, view: ClusterView, nominator: Nominator) {
    this.#plain = new Cycle(options);
    this.#options = options;
    this.#view = view;
    this.#nominator = nominator;
  }

  get nextStartNodeIndex(): number {
    return this.#plain.nextStartNodeIndex;
  }

  schedule(profile: Profile, pod: PodInfo, snapshot: Snapshot, explain = false): CycleResult {
    this.#orderBy(snapshot.nodes);
    const isKnown =
      !explain && this.#nominator.isEmpty && !this.#options.extenders?.length && snapshot.nodes.length > 0;
    const table = isKnown ? this.#tableFor(profile, pod, snapshot) : undefined;
    this.#isAllRefused = false;
    const placed = table && this.#place(profile, pod, snapshot, table);
    // What each node was refused for is known: the plain cycle need not ask again.
    const refusalOf = this.#isAllRefused
      ? ({ slot }: NodeInfo): Status | undefined => table?.refusals[slot]
      : undefined;
    return placed ?? this.#plain.schedule(profile, pod, snapshot, explain, refusalOf);
  }

  /** Undefined when no node is feasible, or a score is none: the plain cycle says why. */
  #place(profile: Profile, pod: PodInfo, snapshot: Snapshot, table: ClassTable): CycleResult | undefined {
    table.catchUp();
    const plugins = this.#incrementalOf(profile);
    const filters = plugins.flatMap(([plugin]) => plugin.planFilter(pod) ?? []);
    const count = this.#scan(profile, snapshot, table, filters);
    const visited = this.#visited;
    const chosen = count <= 1 ? count - 1 : this.#choose(pod, table, plugins, count);
    if (chosen < 0) {
      this.#isAllRefused = count === 0 && filters.length === 0;
      return undefined;
    }
    const start = this.#plain.nextStartNodeIndex;
    this.#plain.nextStartNodeIndex = (start + visited) % snapshot.nodes.length;
    return {
      outcome: 'placed',
      node: this.#view.nodeAt(this.#slots[chosen] as number) as NodeInfo,
      evaluated: visited,
      feasible: count,
      state: new CycleState(0),
      diagnosis: new Diagnosis(),
    };
  }

  /** The last scan found no node, by what the nodes themselves say alone. */
  #isAllRefused = false;
  /** Nodes that the last scan counted: feasible and refused ones. */
  #visited = 0;

  /** Fills `#slots` with feasible nodes, from the start index on until there are enough; answers how many. */
  #scan(
    profile: Profile,
    { nodes }: Snapshot,
    table: ClassTable,
    filters: readonly ((slot: number) => boolean)[],
  ): number {
    const order = this.#order;
    const slots = this.#slots;
    const size = nodes.length;
    const percentage = profile.percentageOfNodesToScore ?? this.#options.percentageOfNodesToScore;
    const wanted = profile.has('score') ? feasibleNodesToFind(size, percentage) : 1;
    let count = 0;
    let refused = 0;
    // The list may have become shorter since the last cycle.
    let at = this.#plain.nextStartNodeIndex % size;
    for (let i = 0; i < size; i++, at++) {
      const slot = order[at < size ? at : at - size] as number;
      table.lookUp(slot);
      if (table.isFeasible[slot] === 0 || !passes(filters, slot)) {
        refused++;
      } else if (count >= wanted) {
        break;
      } else {
        slots[count++] = slot;
      }
    }
    this.#visited = count + refused;
    return count;
  }

  /** Index among the feasible nodes of the best one; -1 when a plugin gave what is no score. */
  #choose(
    pod: PodInfo,
    table: ClassTable,
    plugins: readonly (readonly [IncrementalPlugin, number])[],
    count: number,
  ): number {
    const [slots, totals, scores] = [this.#slots, this.#totals, this.#scores];
    if (table.hasBadScore) {
      return -1;
    }
    const { worth } = table;
    for (let j = 0; j < count; j++) {
      totals[j] = worth[slots[j] as number] as number;
    }
    for (const { plugin, raw, weight } of table.normalized) {
      const first = raw[slots[0] as number] as number;
      let isSame = true;
      for (let j = 1; j < count && isSame; j++) {
        isSame = raw[slots[j] as number] === first;
      }
      // What is the same for all decides nothing.
      if (!isSame) {
        const given = Array.from({ length: count }, (_, j) => raw[slots[j] as number] as number);
        plugin.normalizeScores?.(given, [], undefined);
        if (!given.every(isScore)) {
          return -1;
        }
        for (let j = 0; j < count; j++) {
          totals[j] = (totals[j] as number) + (given[j] as number) * weight;
        }
      }
    }
    for (const [plugin, weight] of plugins) {
      if (plugin.score(pod, { slots, count }, scores)) {
        for (let j = 0; j < count; j++) {
          totals[j] = (totals[j] as number) + (scores[j] as number) * weight;
        }
      }
    }
    const { tieRule, uniform } = this.#options;
    const compared = totals.subarray(0, count);
    return tieRule === 'heap' || uniform === undefined
      ? heapRoot(compared)
      : oneOfTheBest(compared, () => uniform(pod));
  }

  #tableFor(profile: Profile, pod: PodInfo, snapshot: Snapshot): ClassTable | undefined {
    const key = classKeyOf(pod, profile.schedulerName);
    if (key === undefined) {
      return undefined;
    }
    if (this.#classes.has(key)) {
      return this.#classes.get(key);
    }
    if (this.#classes.size >= CLASS_LIMIT) {
      this.#classes.clear();
    }
    const table = ClassTable.for(this.#view, profile, pod, snapshot);
    this.#classes.set(key, table);
    return table;
  }

  #incrementalOf(profile: Profile): readonly (readonly [IncrementalPlugin, number])[] {
    let plugins = this.#incremental.get(profile);
    if (plugins === undefined) {
      plugins = profile.plugins.flatMap((plugin) => {
        const kept = plugin.incremental?.(this.#view, {
          filters: profile.isAt('filter', plugin),
          scores: profile.isAt('score', plugin),
        });
        return kept === undefined ? [] : [[kept, profile.weightOf(plugin)] as const];
      });
      this.#incremental.set(profile, plugins);
    }
    return plugins;
  }

  #orderBy(nodes: readonly NodeInfo[]): void {
    if (this.#ordered === nodes) {
      return;
    }
    this.#ordered = nodes;
    // Some of what a node is worth depends on how many there are.
    this.#classes.clear();
    this.#order = Int32Array.from(nodes, ({ slot }) => slot);
    this.#slots = new Int32Array(nodes.length);
    this.#totals = new Float64Array(nodes.length);
    this.#scores = new Float64Array(nodes.length);
  }
}

function passes(filters: readonly ((slot: number) => boolean)[], slot: number): boolean {
  for (const filter of filters) {
    if (!filter(slot)) {
      return false;
    }
  }
  return true;
}
