import { Cycle, type CycleOptions, type CycleResult, nodesWanted } from '../framework/cycle.js';
import { Diagnosis } from '../framework/diagnosis.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import { isScore, type Nominator, type Profile } from '../framework/profile.js';
import { heapRoot, oneOfTheBest } from '../framework/select-host.js';
import type { Snapshot } from '../framework/snapshot.js';
import { ClassTable } from './class-table.js';
import type { ClusterView } from './cluster-view.js';
import type { IncrementalPlugin } from './incremental-plugin.js';
import { kindOf, localPartOf } from './local-part.js';
import type { NodeOrder, Window } from './window.js';

/** Kinds of pods remembered; beyond it all are forgotten. */
const CLASS_LIMIT = 4096;
/** Numbers kept in the windows of all kinds; beyond it all windows are forgotten. */
const WINDOW_LIMIT = 2_000_000;
/** Cycles between two looks at how many there are. */
const WINDOW_CHECK = 1024;

interface WeightedPlugin {
  readonly plugin: IncrementalPlugin;
  readonly weight: number;
}

/** Feasible nodes of one cycle, in order. */
interface Found {
  readonly slots: Int32Array;
  readonly count: number;
  /** Nodes looked at, the refused ones included. */
  readonly visited: number;
  /** What each is worth by itself. */
  readonly worth: Float64Array;
}

const NO_REFUSALS = new Diagnosis();

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
  readonly #incremental = new Map<Profile, readonly WeightedPlugin[]>();
  /** The list of nodes that `#order` was made for. */
  #ordered: readonly NodeInfo[] = [];
  #order: NodeOrder = { slots: new Int32Array(0), positions: new Int32Array(0) };
  #slots = new Int32Array(0);
  #worth = new Float64Array(0);
  #totals = new Float64Array(0);
  #cycles = 0;

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
    return (
      (table && this.#decide(profile, pod, snapshot, table)) ?? this.#plain.schedule(profile, pod, snapshot, explain)
    );
  }

  /** Undefined when running counts refuse all nodes, or a score is none: the plain cycle says why. */
  #decide(profile: Profile, pod: PodInfo, snapshot: Snapshot, table: ClassTable): CycleResult | undefined {
    const { nodes } = snapshot;
    table.catchUp();
    if (++this.#cycles % WINDOW_CHECK === 0) {
      this.#limitWindows();
    }
    const plugins = this.#incrementalOf(profile);
    const filters = plugins.flatMap(({ plugin }) => plugin.planFilter(pod) ?? []);
    const wanted = nodesWanted(profile, nodes.length, this.#options);
    // The list may have become shorter since the last cycle.
    const start = this.#plain.nextStartNodeIndex % nodes.length;
    const window = filters.length === 0 ? table.windowAt(start, wanted) : undefined;
    const found = window ?? this.#scan(table, start, wanted, filters);
    const { slots, count, visited } = found;
    const chosen = count <= 1 ? count - 1 : this.#choose(pod, table, plugins, found, window);
    if (chosen < 0) {
      return count === 0 && filters.length === 0 ? this.#refuse(snapshot, table) : undefined;
    }
    this.#plain.nextStartNodeIndex = (this.#plain.nextStartNodeIndex + visited) % nodes.length;
    return {
      outcome: 'placed',
      node: this.#view.nodeAt(slots[chosen] as number) as NodeInfo,
      evaluated: visited,
      feasible: count,
      state: table.state,
      diagnosis: NO_REFUSALS,
    };
  }

  /** All nodes were looked at, and each said no by itself. */
  #refuse(snapshot: Snapshot, table: ClassTable): CycleResult {
    const nodeCount = snapshot.nodes.length;
    this.#plain.nextStartNodeIndex %= nodeCount;
    return { outcome: 'unfit', nodeCount, diagnosis: new Diagnosis(table.refusalsIn(snapshot)), state: table.state };
  }

  /** From the start on until there are enough. */
  #scan(table: ClassTable, start: number, wanted: number, filters: readonly ((slot: number) => boolean)[]): Found {
    const order = this.#order.slots;
    const [slots, worth] = [this.#slots, this.#worth];
    const size = order.length;
    let count = 0;
    let refused = 0;
    for (let i = 0; i < size; i++) {
      const at = start + i;
      const slot = order[at < size ? at : at - size] as number;
      table.lookUp(slot);
      if (table.isFeasible[slot] === 0 || !passes(filters, slot)) {
        refused++;
      } else if (count >= wanted) {
        break;
      } else {
        slots[count] = slot;
        worth[count] = table.worth[slot] as number;
        count++;
      }
    }
    return { slots, count, visited: count + refused, worth };
  }

  /** Index among the feasible nodes of the best one; -1 when a plugin gave what is no score. */
  #choose(
    pod: PodInfo,
    table: ClassTable,
    plugins: readonly WeightedPlugin[],
    found: Found,
    window: Window | undefined,
  ): number {
    if (table.hasBadScore) {
      return -1;
    }
    const { tieRule, uniform } = this.#options;
    const { count, worth } = found;
    const scoring = plugins.filter(({ plugin }) => plugin.scores(pod));
    const isSettled = scoring.length === 0 && !table.hasUnequalRaws;
    if (isSettled && window !== undefined && tieRule === 'heap') {
      return window.winners[0] as number;
    }
    const totals = this.#totals;
    for (let j = 0; j < count; j++) {
      totals[j] = worth[j] as number;
    }
    if (table.hasUnequalRaws && !addNormalized(table, found, totals)) {
      return -1;
    }
    for (const { plugin, weight } of scoring) {
      plugin.addScores(pod, found, weight, totals);
    }
    return tieRule === 'heap' || uniform === undefined
      ? heapRoot(totals, count)
      : oneOfTheBest(totals, () => uniform(pod), count);
  }

  #tableFor(profile: Profile, pod: PodInfo, snapshot: Snapshot): ClassTable | undefined {
    const key = kindOf(pod, profile.schedulerName);
    if (key === undefined) {
      return undefined;
    }
    if (this.#classes.has(key)) {
      return this.#classes.get(key);
    }
    if (this.#classes.size >= CLASS_LIMIT) {
      this.#classes.clear();
    }
    const part = localPartOf(profile, pod, snapshot);
    const table = part && new ClassTable(this.#view, this.#order, part);
    this.#classes.set(key, table);
    return table;
  }

  #limitWindows(): void {
    let size = 0;
    for (const table of this.#classes.values()) {
      size += table?.windowSize ?? 0;
    }
    if (size > WINDOW_LIMIT) {
      for (const table of this.#classes.values()) {
        table?.dropWindows();
      }
    }
  }

  #incrementalOf(profile: Profile): readonly WeightedPlugin[] {
    let plugins = this.#incremental.get(profile);
    if (plugins === undefined) {
      plugins = profile.plugins.flatMap((plugin) => {
        const kept = plugin.incremental?.(this.#view, {
          filters: profile.isAt('filter', plugin),
          scores: profile.isAt('score', plugin),
        });
        return kept === undefined ? [] : [{ plugin: kept, weight: profile.weightOf(plugin) }];
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
    const slots = Int32Array.from(nodes, ({ slot }) => slot);
    const positions = new Int32Array(this.#view.slotCount).fill(-1);
    for (let position = 0; position < slots.length; position++) {
      positions[slots[position] as number] = position;
    }
    this.#order = { slots, positions };
    this.#slots = new Int32Array(nodes.length);
    this.#worth = new Float64Array(nodes.length);
    this.#totals = new Float64Array(nodes.length);
  }
}

/** Adds what depends on which nodes are compared; false when a plugin made of it what is no score. */
function addNormalized(table: ClassTable, { slots, count }: Found, totals: Float64Array): boolean {
  for (const { plugin, raw, weight } of table.normalized) {
    const given = Array.from({ length: count }, (_, j) => raw[slots[j] as number] as number);
    plugin.normalizeScores?.(given, [], undefined);
    if (!given.every(isScore)) {
      return false;
    }
    for (let j = 0; j < count; j++) {
      totals[j] = (totals[j] as number) + (given[j] as number) * weight;
    }
  }
  return true;
}

function passes(filters: readonly ((slot: number) => boolean)[], slot: number): boolean {
  for (const filter of filters) {
    if (!filter(slot)) {
      return false;
    }
  }
  return true;
}
