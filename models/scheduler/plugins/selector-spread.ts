import { matchesAll, type Requirement, zoneKeyOf } from '../../api/index.js';
import type { Listers } from '../framework/listers.js';
import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.js';
import { defaultSelector } from './pod-topology-spread/constraints.js';

/** Share of the zone in a score, where there are zones. selectorspread/selector_spread.go zoneWeighting. */
const ZONE_WEIGHTING = 2 / 3;

/**
 * Spreads pods of one Service or controller over nodes and zones: what 1.23 did before the default constraints of
 * PodTopologySpread, and does where its configuration enables it. As plugins/selectorspread (removed in 1.25).
 */
export const selectorSpread = (listers: Listers): Plugin<unknown, readonly Requirement[]> => ({
  name: 'SelectorSpread',
  preScore: ({ pod }) =>
    (pod.spec.topologySpreadConstraints ?? []).length > 0 ? 'skip' : defaultSelector(pod, listers),
  score(pod, { pods }, selector): number {
    if (selector.length === 0) {
      return 0;
    }
    return pods.filter(
      (other) => !other.isTerminating && other.namespace === pod.namespace && matchesAll(selector, other.labels),
    ).length;
  },
  normalizeScores(scores, nodes) {
    const zones = nodes.map(({ node }) => zoneKeyOf(node));
    const byZone = new Map<string, number>();
    scores.forEach((count, i) => {
      const zone = zones[i] as string;
      if (zone !== '') {
        byZone.set(zone, (byZone.get(zone) ?? 0) + count);
      }
    });
    const most = Math.max(0, ...scores);
    const mostInZone = Math.max(0, ...byZone.values());
    const share = (count: number, maximum: number): number =>
      maximum > 0 ? MAX_NODE_SCORE * ((maximum - count) / maximum) : MAX_NODE_SCORE;
    scores.forEach((count, i) => {
      const ofNode = share(count, most);
      const ofZone = byZone.get(zones[i] as string);
      scores[i] = Math.trunc(
        ofZone === undefined ? ofNode : ofNode * (1 - ZONE_WEIGHTING) + ZONE_WEIGHTING * share(ofZone, mostInZone),
      );
    });
  },
});
