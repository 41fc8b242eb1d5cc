import type { CycleState } from '../framework/cycle-state.js';
import { type Plugin, type PreFilterResult, SKIP } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import type { Profile } from '../framework/profile.js';
import type { Snapshot } from '../framework/snapshot.js';
import { contentId } from './content-ids.js';

export interface LocalFilter {
  readonly plugin: Plugin;
  readonly isStatic: boolean;
  readonly filter: NonNullable<Plugin['filter']>;
  readonly state: unknown;
}

export interface LocalScore {
  readonly plugin: Plugin;
  readonly score: NonNullable<Plugin['score']>;
  readonly state: unknown;
  readonly weight: number;
}

/** What plugins say of pods of one kind that depends on each node alone. */
export interface LocalPart {
  readonly pod: PodInfo;
  /** What PreFilter works out for pods that running counts have nothing against. */
  readonly state: CycleState;
  readonly filters: readonly LocalFilter[];
  readonly scores: readonly LocalScore[];
}

/** What can be kept for pods like this one; undefined when only the plain engine can place them. */
export function localPartOf(profile: Profile, pod: PodInfo, snapshot: Snapshot): LocalPart | undefined {
  const state = profile.newState();
  state.preFiltered = new Set(profile.at('preFilter').map(({ name }) => name));
  // Plugins that do not take part now would not either when pods are tried out on a node.
  state.skipsFilter.fill(true);
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
      const isStatic = plugin.isStatic ?? false;
      filters.push({ plugin, isStatic, filter: plugin.filter.bind(plugin), state: result.state });
      const number = profile.plugins.indexOf(plugin);
      state.filterStates[number] = result.state;
      state.skipsFilter[number] = false;
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
    const given = profile.isAt('preScore', plugin) ? plugin.preScore?.(pod, [], snapshot, undefined) : undefined;
    if (given !== 'skip') {
      const weight = profile.weightOf(plugin);
      scores.push({ plugin, score: plugin.score.bind(plugin), state: given, weight });
    }
  }
  return { pod, state, filters, scores };
}

/** Names what local plugins see of a pod; undefined for pods with volumes or claims that are bound to places. */
export function kindOf({ pod }: PodInfo, schedulerName: string): string | undefined {
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
