import type { PodInfo } from '../framework/pod-info.js';
import { type ClusterView, Follower, longEnough } from './cluster-view.js';

/** Tells the weights that a pod gives to topology keys of its node. */
export type Voices = (pod: PodInfo, tell: (topologyKey: string, weight: number) => void) => void;

const NOWHERE = -1;

/** Sums of one topology key. */
class KeySums {
  readonly key: string;
  readonly #valueIds = new Map<string, number>();
  /** Value of each slot's label. */
  values = new Int32Array(0);
  /** Weight given on each slot, and how many gave some. */
  own = new Float64Array(0);
  voices = new Int32Array(0);
  /** Weight by value. */
  sums = new Float64Array(0);
  /** Values whose sum is not zero. */
  nonZero = 0;
  /** Weights given on nodes that have the label. */
  totalVoices = 0;

  constructor(key: string) {
    this.key = key;
  }

  give(slot: number, weight: number, sign: 1 | -1): void {
    this.#reserve(slot);
    this.own[slot] = (this.own[slot] as number) + sign * weight;
    this.voices[slot] = (this.voices[slot] as number) + sign;
    const value = this.values[slot] as number;
    if (value !== NOWHERE) {
      this.#add(value, sign * weight);
      this.totalVoices += sign;
    }
  }

  /** The node's label is this now, and its weights are told anew. */
  reset(slot: number, label: string | undefined): void {
    this.#reserve(slot);
    const before = this.values[slot] as number;
    if (before !== NOWHERE) {
      this.#add(before, -(this.own[slot] as number));
      this.totalVoices -= this.voices[slot] as number;
    }
    this.own[slot] = 0;
    this.voices[slot] = 0;
    this.values[slot] = label === undefined ? NOWHERE : this.#valueOf(label);
  }

  sumAt(slot: number): number {
    const value = slot < this.values.length ? (this.values[slot] as number) : NOWHERE;
    return value === NOWHERE ? 0 : (this.sums[value] as number);
  }

  hasLabel(slot: number): boolean {
    return slot < this.values.length && this.values[slot] !== NOWHERE;
  }

  #reserve(slot: number): void {
    this.values = longEnough(this.values, slot, NOWHERE);
    this.own = longEnough(this.own, slot);
    this.voices = longEnough(this.voices, slot);
  }

  #add(value: number, amount: number): void {
    const before = this.sums[value] as number;
    const after = before + amount;
    this.sums[value] = after;
    this.nonZero += Number(after !== 0) - Number(before !== 0);
  }

  #valueOf(label: string): number {
    let id = this.#valueIds.get(label);
    if (id === undefined) {
      id = this.#valueIds.size;
      this.#valueIds.set(label, id);
      this.sums = longEnough(this.sums, id);
    }
    return id;
  }
}

/** Weights that pods give to topology pairs, summed up: what InterPodAffinity counts. */
export class PairSums extends Follower {
  readonly #voices: Voices;
  readonly #keys = new Map<string, KeySums>();

  /** @param keys topology keys that are looked at even when nobody gives them any weight */
  constructor(view: ClusterView, voices: Voices, keys: Iterable<string> = []) {
    super(view);
    this.#voices = voices;
    for (const key of keys) {
      this.#keys.set(key, new KeySums(key));
    }
  }

  /** All sums are zero. */
  get isEmpty(): boolean {
    for (const { nonZero } of this.#keys.values()) {
      if (nonZero > 0) {
        return false;
      }
    }
    return true;
  }

  /** Somebody gave a weight to a pair, though the sums may be zero. */
  get hasSpoken(): boolean {
    for (const { totalVoices } of this.#keys.values()) {
      if (totalVoices > 0) {
        return true;
      }
    }
    return false;
  }

  hasLabel(key: string, slot: number): boolean {
    return this.#keys.get(key)?.hasLabel(slot) ?? false;
  }

  at(key: string, slot: number): number {
    return this.#keys.get(key)?.sumAt(slot) ?? 0;
  }

  /** Some pair of the slot has a sum above zero. */
  touches(slot: number): boolean {
    for (const sums of this.#keys.values()) {
      if (sums.nonZero > 0 && sums.sumAt(slot) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Sum over all pairs that the slot is in. */
  sumFor(slot: number): number {
    let sum = 0;
    for (const sums of this.#keys.values()) {
      sum += sums.sumAt(slot);
    }
    return sum;
  }

  protected restart(): void {
    const keys = [...this.#keys.keys()];
    this.#keys.clear();
    for (const key of keys) {
      this.#keys.set(key, new KeySums(key));
    }
    for (let slot = 0; slot < this.view.slotCount; slot++) {
      this.onNode(slot);
    }
  }

  protected onNode(slot: number): void {
    const node = this.view.nodeAt(slot);
    const isThere = node?.exists ?? false;
    for (const sums of this.#keys.values()) {
      sums.reset(slot, isThere ? node?.label(sums.key) : undefined);
    }
    if (node !== undefined && isThere) {
      for (const pod of node.pods) {
        this.#tell(slot, pod, 1);
      }
    }
  }

  protected onPod(slot: number, pod: PodInfo, sign: 1 | -1): void {
    if (this.view.nodeAt(slot)?.exists) {
      this.#tell(slot, pod, sign);
    }
  }

  #tell(slot: number, pod: PodInfo, sign: 1 | -1): void {
    this.#voices(pod, (key, weight) => {
      if (weight !== 0) {
        this.#sumsOf(key).give(slot, weight, sign);
      }
    });
  }

  /** A key that nobody spoke of before: only labels are missing, for nobody gave it any weight. */
  #sumsOf(key: string): KeySums {
    let sums = this.#keys.get(key);
    if (sums === undefined) {
      sums = new KeySums(key);
      this.#keys.set(key, sums);
      for (let slot = 0; slot < this.view.slotCount; slot++) {
        const other = this.view.nodeAt(slot);
        sums.reset(slot, other?.exists ? other.label(key) : undefined);
      }
    }
    return sums;
  }
}
