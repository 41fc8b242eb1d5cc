import type { NodeInfo } from '../framework/node-info.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { isScore, type Profile } from '../framework/profile.js';
import type { Snapshot } from '../framework/snapshot.js';
import type { Status } from '../framework/status.js';
import { type ClusterView, Follower, longEnough } from './cluster-view.js';
import { contentId } from './content-ids.js';

interface LocalFilter {
  readonly filter: NonNullable<Plugin['filter']>;
  readonly state: unknown;
}

interface LocalScore {
  readonly plugin: Plugin;
  readonly score: NonNullable<Plugin['score']>;
  readonly state: unknown;
  readonly weight: number;
}

/** Raw scores of one plugin that normalises, by slot. */
export interface NormalizedScore extends LocalScore {
  raw: Int32Array;
}

/**
 * What pods that differ in nothing a node could see share: who may take them, and what each node alone is worth. A node is asked
 * again only when it or its pods changed.
 */
export class ClassTable extends Follower {
  readonly #pod: PodInfo;
  readonly #filters: readonly LocalFilter[];
  readonly #scores: readonly LocalScore[];
  readonly normalized: readonly NormalizedScore[];
  #isKnown = new Uint8Array(0);
  /** 1 where all local filters let the pods pass; good for slots that were looked up. */
  isFeasible = new Uint8Array(0);
  /** The first refusal of each slot that was looked up and is not feasible. */
  readonly refusals: (Status | undefined)[] = [];
  /** Weighted scores that nothing but the node decides, summed up. */
  worth = new Int32Array(0);
  /** A plugin gave some node what is no score. */
  hasBadScore = false;

  private constructor(view: ClusterView, pod: PodInfo, filters: readonly LocalFilter[], scores: readonly LocalScore[]) {
    super(view);
    this.#pod = pod;
    this.#filters = filters;
    this.#scores = scores.filter(({ plugin }) => plugin.normalizeScores === undefined);
    this.normalized = scores
      .filter(({ plugin }) => plugin.normalizeScores !== undefined)
      .map((score) => ({ ...score, raw: new Int32Array(0) }));
  }

  /** The table for pods like this one; undefined when only the plain engine can place them. */
  static for(view: ClusterView, profile: Profile, pod: PodInfo, snapshot: Snapshot): ClassTable | undefined {
    const filters: LocalFilter[] = [];
    for (const plugin of profile.at('filter')) {
      if (plugin.incremental !== undefined) {
        continue;
      }
      const result: PreFilterResult<unknown> = profile.isAt('preFilter', plugin)
        ? (plugin.preFilter?.(pod, snapshot) ?? SKIP)
        : { state: undefined };
      if ('status' in result || 'nodeNames' in result) {
        return undefined;
      }
      if (!('skip' in result) && plugin.filter !== undefined) {
        if (!plugin.isLocal) {
          return undefined;
        }
        filters.push({ filter: plugin.filter.bind(plugin), state: result.state });
      }
    }
    const scores: LocalScore[] = [];
    for (const plugin of profile.at('score')) {
      if (plugin.incremental !== undefined || plugin.score === undefined) {
        continue;
      }
      if (!plugin.isLocal) {
        return undefined;
      }
      const state = profile.isAt('preScore', plugin) ? plugin.preScore?.(pod, [], snapshot, undefined) : undefined;
      if (state !== 'skip') {
        scores.push({ plugin, score: plugin.score.bind(plugin), state, weight: profile.weightOf(plugin) });
      }
    }
    return new ClassTable(view, pod, filters, scores);
  }

  /** Makes sure that the arrays hold for this slot. */
  lookUp(slot: number): void {
    if (this.#isKnown[slot] !== 1) {
      this.#evaluate(slot, this.view.nodeAt(slot) as NodeInfo);
    }
  }

  #evaluate(slot: number, node: NodeInfo): void {
    this.#isKnown = longEnough(this.#isKnown, slot);
    this.isFeasible = longEnough(this.isFeasible, slot);
    this.worth = longEnough(this.worth, slot);
    this.#isKnown[slot] = 1;
    for (const { filter, state } of this.#filters) {
      const refusal = filter(this.#pod, node, state);
      if (refusal !== undefined) {
        this.isFeasible[slot] = 0;
        this.refusals[slot] = refusal;
        return;
      }
    }
    this.isFeasible[slot] = 1;
    let worth = 0;
    for (const { score, state, weight } of this.#scores) {
      const given = score(this.#pod, node, state);
      this.hasBadScore ||= !isScore(given);
      worth += given * weight;
    }
    this.worth[slot] = worth;
    for (const normalized of this.normalized) {
      normalized.raw = longEnough(normalized.raw, slot);
      normalized.raw[slot] = normalized.score(this.#pod, node, normalized.state);
    }
  }

  protected restart(): void {
    this.#isKnown.fill(0);
  }

  protected onNode(slot: number): void {
    this.#forget(slot);
  }

  protected onPod(slot: number): void {
    this.#forget(slot);
  }

  #forget(slot: number): void {
    if (slot < this.#isKnown.length) {
      this.#isKnown[slot] = 0;
    }
  }
}

/**
 * Names what local plugins see of a pod; undefined for pods with volumes or claims that are bound to places.
 */
export function classKeyOf({ pod }: PodInfo, schedulerName: string): string | undefined {
  const { spec } = pod;
  if ((spec.resourceClaims?.length ?? 0) > 0 || spec.nodeName || pod.status?.nominatedNodeName) {
    return undefined;
  }
  let images = '';
  for (const volume of spec.volumes ?? []) {
    if (
      volume.persistentVolumeClaim ??
      volume.ephemeral ??
      volume.gcePersistentDisk ??
      volume.awsElasticBlockStore ??
      volume.rbd ??
      volume.iscsi
    ) {
      return undefined;
    }
    images += volume.image === undefined ? '' : `,${volume.image.reference}`;
  }
  return (
    `${schedulerName}/${contentId(spec.containers)}/${contentId(spec.initContainers)}/${contentId(spec.overhead)}/` +
    `${contentId(spec.resources)}/${contentId(spec.tolerations)}/${contentId(spec.nodeSelector)}/` +
    `${contentId(spec.affinity?.nodeAffinity)}/${spec.hostNetwork ?? ''}/${spec.hostUsers ?? ''}${images}`
  );
}
