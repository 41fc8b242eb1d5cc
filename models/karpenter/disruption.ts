import { type EventHandle, type Micros, seconds } from '../../engine/index.js';
import type { Pod } from '../api/index.js';
import { type ControllerContext, LoopGrid } from '../client-go/index.js';
import { budgetsFor, type CandidatesOptions, candidatesFor, withinBudgets } from './candidates.js';
import type { ClusterState } from './cluster-state.js';
import type { CommandQueue } from './command-queue.js';
import { trueSince } from './conditions.js';
import type { KarpenterConfiguration } from './config.js';
import { type Candidate, type Command, consolidate, isConfirmed, mostTogether } from './consolidation.js';
import type { DisruptionReason } from './node-pools.js';
import { type Packing, type PackingView, packWithout } from './packing.js';
import type { Teller } from './teller.js';

export interface DisruptionOptions {
  readonly context: ControllerContext;
  readonly config: KarpenterConfiguration;
  readonly state: ClusterState;
  readonly queue: CommandQueue;
  readonly teller: Teller;
  /** Wall-clock time of virtual time zero, as Unix seconds. */
  readonly startTime: number;
}

/** disruption/events Unconsolidatable */
const UNCONSOLIDATABLE_DEDUPE: Micros = seconds(900);
/** multinodeconsolidation.go: so many at a time at most. */
const MAX_TOGETHER = 100;

type Method = () => Command | undefined;

/** The cluster as the methods of one instant see it. */
interface Instant {
  readonly view: PackingView;
  /** Pods of nodes that leave anyway. */
  readonly displaced: readonly Pod[];
  /** Nodes that are not ready for pods yet. */
  readonly young: ReadonlySet<string>;
}

/**
 * Nodes that cost more than they are worth go, or give way to cheaper ones. As disruption.Controller with its methods and their
 * validation (karpenter pkg/controllers/disruption). A pass that could find nothing new is left out.
 */
export class Disruption {
  readonly #options: DisruptionOptions;
  #grid = new LoopGrid(0, 1, 0);
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;
  #isRunning = false;
  /** A pass is under way: it waits to see whether its decision holds. */
  #isBusy = false;
  #looksAgain = false;
  #instant: Instant | undefined;

  constructor(options: DisruptionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    this.#grid = new LoopGrid(this.#now, this.#options.config.disruptionPollingPeriod, 0);
    this.wake();
  }

  stop(): void {
    this.#isRunning = false;
    this.#isBusy = false;
    this.#next?.cancel();
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  get #now(): Micros {
    return this.#options.context.simulation.now;
  }

  /** Something changed: the next pass has to look. */
  wake(): void {
    if (this.#isBusy) {
      this.#looksAgain = true;
    } else if (this.#isRunning) {
      this.#passAt(this.#grid.from(this.#now));
    }
  }

  #passAt(at: Micros): void {
    if (at < this.#nextAt) {
      this.#next?.cancel();
      this.#nextAt = at;
      this.#next = this.#options.context.simulation.after(at - this.#now, () => this.#pass());
    }
  }

  #pass(): void {
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#looksAgain = !this.#options.state.isSynced;
    this.#isBusy = true;
    if (this.#looksAgain) {
      this.#end();
    } else {
      this.#try([() => this.#empty(), () => this.#drifted(), () => this.#multi(), () => this.#single()]);
    }
  }

  /** The first method that finds something acts; a decision to consolidate has to hold for a while first. */
  #try([method, ...rest]: readonly Method[]): void {
    const command = method?.();
    this.#instant = command === undefined && method !== undefined ? this.#instant : undefined;
    if (method === undefined) {
      this.#end();
    } else if (command === undefined) {
      this.#try(rest);
    } else if (command.reason === 'Drifted') {
      this.#act(command);
    } else {
      this.#next = this.#options.context.simulation.after(this.#options.config.validationPeriod, () => {
        const valid = this.#validated(command);
        if (valid === undefined) {
          this.#try(rest);
        } else {
          this.#act(valid);
        }
      });
    }
  }

  #end(): void {
    this.#isBusy = false;
    this.#grid.ended(this.#now);
    if (this.#looksAgain) {
      this.#passAt(this.#grid.from(this.#now));
    }
  }

  /** The next pass follows at once. */
  #act(command: Command): void {
    this.#options.queue.start(command, () => {
      this.#isBusy = false;
      this.#grid.ended(this.#now - this.#options.config.disruptionPollingPeriod);
      if (this.#isRunning) {
        this.#passAt(this.#now);
      }
    });
  }

  // ----------------------------------------------------------------------------------------------------------- methods

  get #sights(): CandidatesOptions {
    const { state, teller, startTime } = this.#options;
    const onPassingObstacle = (): void => {
      this.#looksAgain = true;
    };
    return { state, teller, startTime, now: this.#now, onPassingObstacle };
  }

  #within(reason: DisruptionReason, candidates: readonly Candidate[]): readonly Candidate[] {
    const sights = this.#sights;
    return withinBudgets(candidates, budgetsFor(reason, sights), sights.onPassingObstacle);
  }

  #command(reason: DisruptionReason, parts: Pick<Command, 'candidates' | 'replacements' | 'packing'>): Command {
    return { reason, decidedAt: this.#now, ...parts };
  }

  #empty(): Command | undefined {
    const candidates = this.#within('Empty', candidatesFor('Empty', this.#sights));
    return candidates.length === 0
      ? undefined
      : this.#command('Empty', { candidates, replacements: [], packing: undefined });
  }

  /** Those that drifted first go first, each for as many machines as its pods need. As Drift.ComputeCommand. */
  #drifted(): Command | undefined {
    const found = candidatesFor('Drifted', this.#sights);
    const since = ({ claim }: Candidate): Micros => trueSince(claim, 'Drifted') ?? 0;
    const inTurn = found.toSorted((a, b) => since(a) - since(b));
    for (const candidate of this.#within('Drifted', inTurn)) {
      const packing = this.#simulate([candidate]);
      const verdict = consolidate([candidate], { ...packing, newNodes: [] });
      if (verdict.isPossible) {
        return this.#command('Drifted', { candidates: [candidate], replacements: packing.newNodes, packing });
      }
      this.#options.teller.tell([candidate.node, candidate.claim], 'DisruptionBlocked', verdict.obstacle);
    }
    return undefined;
  }

  #multi(): Command | undefined {
    const candidates = this.#within('Underutilized', candidatesFor('Underutilized', this.#sights));
    const found = mostTogether(candidates, MAX_TOGETHER, (some) => this.#simulate(some));
    return found && this.#command('Underutilized', found);
  }

  #single(): Command | undefined {
    const found = candidatesFor('Underutilized', this.#sights);
    const budgets = budgetsFor('Underutilized', this.#sights);
    for (const candidate of found) {
      if ((budgets.get(candidate.pool.metadata.name) ?? 0) === 0) {
        this.#looksAgain = true;
        continue;
      }
      const packing = this.#simulate([candidate]);
      const verdict = consolidate([candidate], packing);
      if (verdict.isPossible) {
        const { replacements } = verdict;
        return this.#command('Underutilized', { candidates: [candidate], replacements, packing });
      }
      const options = { dedupe: UNCONSOLIDATABLE_DEDUPE };
      this.#options.teller.tell([candidate.node, candidate.claim], 'Unconsolidatable', verdict.obstacle, options);
    }
    return undefined;
  }

  /** As SimulateScheduling: nodes that are not ready for pods yet are nothing to rely on. */
  #simulate(candidates: readonly Candidate[]): Packing {
    const { state } = this.#options;
    this.#instant ??= this.#look();
    const { view, displaced, young } = this.#instant;
    const pods = [...state.pending, ...candidates.flatMap((candidate) => candidate.pods), ...displaced];
    const standing = candidates.flatMap(({ name, node }) => (node ? [{ node, pods: state.podsOn(name) }] : []));
    const packing = packWithout(view, standing, pods);
    const free = new Set(displaced.map(({ metadata }) => metadata.uid));
    const errors = new Map(packing.errors);
    for (const [pod, node] of packing.placed) {
      if (young.has(node) && !free.has(pod.metadata.uid)) {
        errors.set(pod, `would schedule against uninitialized node/${node}`);
      }
    }
    return { newNodes: packing.newNodes, placed: packing.placed, errors };
  }

  #look(): Instant {
    const { state } = this.#options;
    const young = state.stateNodes.filter(({ isInitialized }) => !isInitialized).map(({ name }) => name);
    return { view: state.packingView(), displaced: state.displacedPods, young: new Set(young) };
  }

  /** As Validate: empty nodes that no longer are stay, everything else has to be as it was. */
  #validated(command: Command): Command | undefined {
    const { reason } = command;
    const names = new Set(command.candidates.map(({ name }) => name));
    const current = candidatesFor(reason, this.#sights).filter(({ name }) => names.has(name));
    const candidates = this.#within(reason, current);
    if (reason === 'Empty') {
      return candidates.length === 0 ? undefined : { ...command, candidates };
    }
    if (candidates.length < command.candidates.length) {
      return undefined;
    }
    const packing = this.#simulate(candidates);
    this.#instant = undefined;
    return isConfirmed(command, packing) ? { ...command, candidates, packing } : undefined;
  }
}
