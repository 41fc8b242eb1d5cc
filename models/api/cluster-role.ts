import type { ClusterRole, PolicyRule } from './generated/types.js';
import { matchesLabelSelector } from './selector.js';
import { semanticallyEqual } from './semantic-equal.js';

/**
 * The rules that an aggregated ClusterRole takes from the others: of each selector in turn those it matches, by name; each rule once.
 * As syncClusterRole (pkg/controller/clusterroleaggregation). Rules of the role itself are not kept.
 */
export function aggregatedRules(
  { metadata, aggregationRule }: ClusterRole,
  roles: Iterable<ClusterRole>,
): readonly PolicyRule[] {
  const byName = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of aggregationRule?.clusterRoleSelectors ?? []) {
    for (const role of byName) {
      if (role.metadata.name !== metadata.name && matchesLabelSelector(selector, role.metadata.labels)) {
        rules.push(...(role.rules ?? []).filter((rule) => !rules.some((known) => semanticallyEqual(known, rule))));
      }
    }
  }
  return rules;
}
