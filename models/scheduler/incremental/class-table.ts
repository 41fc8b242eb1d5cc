import type { CycleState } from '../framework/cycle-state.js';
import type { KeptRefusals, KindMemo } from '../framework/diagnosis.js';
import type { NodeInfo } from '../framework/node-info.js';
import type { PodInfo } from '../framework/pod-info.js';
import { isScore } from '../framework/profile.js';
import type { Snapshot } from '../framework/snapshot.js';
import type { Status } from '../framework/status.js';
import type { ClusterView } from './cluster-view.js';
import type { LocalFilter, LocalPart, LocalScore } from './local-part.js';
import { SlotLog } from './slot-log.js';
import { type NodeOrder, Window } from './window.js';

/** Raw scores of one plugin that normalises, by slot. */
interface NormalizedScore extends LocalScore {
  readonly raw: Float64Array;
  /** Of the node that was looked at first. */
  first: number | undefined;
}

/** Starts remembered by a class; a cluster at rest has as many as its list divided by what a cycle looks for. */
const MOST_WINDOWS = 32;
/** Changes after which a window that was not used meanwhile is not worth mending. */
const MOST_TOUCHES = 1024;

/**
 * What pods that differ in nothing a node could see share: who may take them, and what each node alone is worth. A node is asked
 * again only when it or its pods changed.
 */
export class ClassTable {
  readonly #view: ClusterView;
  readonly #order: NodeOrder;
  readonly #pod: PodInfo;
  readonly #staticFilters: readonly LocalFilter[];
  readonly #filters: readonly LocalFilter[];
  readonly #staticScores: readonly LocalScore[];
  readonly #imageScores: readonly LocalScore[];
  readonly #scores: readonly LocalScore[];
  /** What static filters and scores say, by slot. */
  readonly #isStaticKnown: Uint8Array;
  readonly #staticRefusals: (Status | undefined)[] = [];
  readonly #staticWorth: Int32Array;
  /** What scores say that go by the node's images, by slot. */
  readonly #isImageWorthKnown: Uint8Array;
  readonly #imageWorth: Int32Array;
  readonly normalized: readonly NormalizedScore[];
  /** What PreFilter works out for pods that running counts have nothing against. */
  readonly state: CycleState;
  readonly #isKnown: Uint8Array;
  /** 1 where all local filters let the pods pass; good for slots that were looked up. */
  readonly isFeasible: Uint8Array;
  /** The first refusal of each slot that is not feasible, and how many slots have it. */
  readonly #refusals: (Status | undefined)[] = [];
  readonly #byStatus = new Map<Status, number>();
  readonly #isResolvable: Uint8Array;
  #resolvableCount = 0;
  readonly memo: KindMemo = { untilChange: new Map(), victims: new Map() };
  /** Weighted scores that nothing but the node decides, summed up. */
  readonly worth: Int32Array;
  /** A plugin gave some node what is no score. */
  hasBadScore = false;
  /** Some node differs from another in what is normalised: who wins depends on more than worth. */
  hasUnequalRaws = false;
  /** Slots to be looked at again by windows. */
  readonly touched = new SlotLog(MOST_TOUCHES);
  readonly #windows: Window[] = [];
  #nextWindow = 0;
  #readTo = -1;
  #imagesReadTo: number;
  readonly #readsWholeNodes: boolean;
  #othersReadTo: number;
  #podUpdatesReadTo: number;

  constructor(view: ClusterView, order: NodeOrder, { pod, state, filters, scores }: LocalPart) {
    this.#view = view;
    this.#order = order;
    this.#pod = pod;
    this.state = state;
    // The first refusal counts: only what comes before all others may be kept apart.
    const others = filters.findIndex(({ isStatic }) => !isStatic);
    this.#staticFilters = others < 0 ? filters : filters.slice(0, others);
    this.#filters = others < 0 ? [] : filters.slice(others);
    const plain = scores.filter(({ plugin }) => plugin.normalizeScores === undefined);
    this.#staticScores = plain.filter(({ plugin }) => plugin.isStatic);
    this.#imageScores = plain.filter(({ plugin }) => plugin.isByImages);
    this.#scores = plain.filter(({ plugin }) => !plugin.isStatic && !plugin.isByImages);
    const { slotCount } = view;
    this.#imagesReadTo = view.imageChanges.end;
    this.#readsWholeNodes = [...filters, ...scores].some(({ plugin }) => plugin.readsWholeNode);
    this.#othersReadTo = view.otherChanges.end;
    this.#podUpdatesReadTo = view.podUpdates.end;
    this.#isStaticKnown = new Uint8Array(slotCount);
    this.#staticWorth = new Int32Array(slotCount);
    this.#isImageWorthKnown = new Uint8Array(slotCount);
    this.#imageWorth = new Int32Array(slotCount);
    this.normalized = scores
      .filter(({ plugin }) => plugin.normalizeScores !== undefined)
      .map((score) => ({ ...score, raw: new Float64Array(slotCount), first: undefined }));
    this.#isKnown = new Uint8Array(slotCount);
    this.isFeasible = new Uint8Array(slotCount);
    this.#isResolvable = new Uint8Array(slotCount);
    this.worth = new Int32Array(slotCount);
  }

  /** To be called before each use. */
  catchUp(): void {
    const { changes, imageChanges, otherChanges, podUpdates } = this.#view;
    if (this.#readTo !== changes.end) {
      this.memo.untilChange.clear();
      if (this.#readTo < 0 || !changes.readFrom(this.#readTo, (slot, pod) => this.#forget(slot, pod === undefined))) {
        this.#forgetAll();
      }
      this.#readTo = changes.end;
    }
    if (this.#readsWholeNodes) {
      this.#othersReadTo = this.#read(otherChanges, this.#othersReadTo, (slot) => {
        this.memo.untilChange.clear();
        this.#forget(slot, false);
      });
    }
    // Who of a node's pods would go depends on when they started, and of equals on their order.
    this.#podUpdatesReadTo =
      this.memo.victims.size === 0
        ? podUpdates.end
        : this.#read(podUpdates, this.#podUpdatesReadTo, (slot) => this.#forgetVictims(slot));
    if (this.#imageScores.length > 0) {
      this.#imagesReadTo = this.#read(imageChanges, this.#imagesReadTo, (slot) => this.#scoreImages(slot));
    }
  }

  #read(log: SlotLog, from: number, tell: (slot: number) => void): number {
    if (from < log.first) {
      this.memo.untilChange.clear();
      this.#forgetAll();
      return log.end;
    }
    for (let entry = from; entry < log.end; entry++) {
      tell(log.at(entry));
    }
    return log.end;
  }

  /** What a cycle finds that begins at this position of the list. */
  windowAt(start: number, wanted: number): Window {
    let window = this.#windows.find((other) => other.start === start && other.wanted === wanted);
    if (window === undefined) {
      window = this.#windows[this.#nextWindow];
      if (window === undefined) {
        window = new Window(this, this.#order);
        this.#windows.push(window);
      }
      this.#nextWindow = (this.#nextWindow + 1) % MOST_WINDOWS;
    }
    window.settle(start, wanted);
    return window;
  }

  /** Numbers kept in windows. */
  get windowSize(): number {
    return this.#windows.reduce((sum, { size }) => sum + size, 0);
  }

  dropWindows(): void {
    this.#windows.length = 0;
    this.#nextWindow = 0;
  }

  /** Makes sure that the arrays hold for this slot. */
  lookUp(slot: number): void {
    if (this.#isKnown[slot] !== 1) {
      this.#evaluate(slot, this.#view.nodeAt(slot) as NodeInfo);
    }
  }

  #evaluate(slot: number, node: NodeInfo): void {
    this.#isKnown[slot] = 1;
    if (this.#isStaticKnown[slot] === 0) {
      this.#evaluateStatic(slot, node);
    }
    const refusal = this.#staticRefusals[slot] ?? this.#refusalBy(this.#filters, node);
    this.#setRefusal(slot, refusal);
    this.isFeasible[slot] = Number(refusal === undefined);
    if (refusal === undefined) {
      if (this.#isImageWorthKnown[slot] === 0) {
        this.#isImageWorthKnown[slot] = 1;
        this.#imageWorth[slot] = this.#sum(this.#imageScores, node);
      }
      const kept = (this.#staticWorth[slot] as number) + (this.#imageWorth[slot] as number);
      this.worth[slot] = kept + this.#sum(this.#scores, node);
      for (const normalized of this.normalized) {
        if (!normalized.plugin.isStatic) {
          this.#evaluateRaw(normalized, slot, node);
        }
      }
    }
  }

  /** What holds until the node's object changes. */
  #evaluateStatic(slot: number, node: NodeInfo): void {
    this.#isStaticKnown[slot] = 1;
    this.#staticRefusals[slot] = this.#refusalBy(this.#staticFilters, node);
    if (this.#staticRefusals[slot] === undefined) {
      this.#staticWorth[slot] = this.#sum(this.#staticScores, node);
      for (const normalized of this.normalized) {
        if (normalized.plugin.isStatic) {
          this.#evaluateRaw(normalized, slot, node);
        }
      }
    }
  }

  /** The node shows other images: whatever else is known of it stays. */
  #scoreImages(slot: number): void {
    const node = this.#isImageWorthKnown[slot] === 1 ? this.#view.nodeAt(slot) : undefined;
    if (node === undefined) {
      return;
    }
    const more = this.#sum(this.#imageScores, node) - (this.#imageWorth[slot] as number);
    if (more !== 0) {
      this.#imageWorth[slot] = (this.#imageWorth[slot] as number) + more;
      this.worth[slot] = (this.worth[slot] as number) + more;
      this.touched.push(slot);
    }
  }

  #refusalBy(filters: readonly LocalFilter[], node: NodeInfo): Status | undefined {
    for (const { filter, state } of filters) {
      const refusal = filter(this.#pod, node, state);
      if (refusal !== undefined) {
        return refusal;
      }
    }
    return undefined;
  }

  #sum(scores: readonly LocalScore[], node: NodeInfo): number {
    let worth = 0;
    for (const { score, state, weight } of scores) {
      const given = score(this.#pod, node, state);
      this.hasBadScore ||= !isScore(given);
      worth += given * weight;
    }
    return worth;
  }

  #evaluateRaw(normalized: NormalizedScore, slot: number, node: NodeInfo): void {
    const raw = normalized.score(this.#pod, node, normalized.state);
    normalized.raw[slot] = raw;
    normalized.first ??= raw;
    this.hasUnequalRaws ||= normalized.first !== raw;
  }

  #setRefusal(slot: number, refusal: Status | undefined): void {
    const before = this.#refusals[slot];
    if (before === refusal) {
      return;
    }
    if (before !== undefined) {
      const left = (this.#byStatus.get(before) as number) - 1;
      if (left > 0) {
        this.#byStatus.set(before, left);
      } else {
        this.#byStatus.delete(before);
      }
    }
    if (refusal !== undefined) {
      this.#byStatus.set(refusal, (this.#byStatus.get(refusal) ?? 0) + 1);
    }
    this.#refusals[slot] = refusal;
    const isResolvable = Number(refusal?.code === 'Unschedulable');
    this.#resolvableCount += isResolvable - (this.#isResolvable[slot] as number);
    this.#isResolvable[slot] = isResolvable;
  }

  /** What is said of the nodes of the list when all of them are refused. */
  refusalsIn(snapshot: Snapshot): KeptRefusals {
    const refusals = this.#refusals;
    const get = (name: string): Status | undefined => refusals[snapshot.get(name)?.slot ?? -1];
    return {
      size: snapshot.nodes.length,
      get,
      isResolvable: this.#isResolvable,
      resolvableCount: this.#resolvableCount,
      byStatus: this.#byStatus,
      kind: this.memo,
      *[Symbol.iterator](): Iterator<readonly [string, Status]> {
        for (const { name, slot } of snapshot.nodes) {
          yield [name, refusals[slot] as Status];
        }
      },
    };
  }

  #forgetAll(): void {
    this.#isKnown.fill(0);
    this.#isStaticKnown.fill(0);
    this.#isImageWorthKnown.fill(0);
    this.touched.restart();
    this.memo.victims.clear();
  }

  #forget(slot: number, isNodeChanged: boolean): void {
    this.#isKnown[slot] = 0;
    if (isNodeChanged) {
      this.#isStaticKnown[slot] = 0;
      this.#isImageWorthKnown[slot] = 0;
    }
    this.touched.push(slot);
    this.#forgetVictims(slot);
  }

  #forgetVictims(slot: number): void {
    for (const victims of this.memo.victims.values()) {
      victims.forget(slot);
    }
  }
}
