import { type LabelSelector, type Requirement, requirementsOf } from '../api/index.js';

/** As labels.Selector.String, in which scales carry their selectors. */
export const selectorText = (selector: LabelSelector): string =>
  [...requirementsOf(selector)]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(requirementText)
    .join(',');

function requirementText({ key, operator, values }: Requirement): string {
  const listed = [...values].sort().join(',');
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${listed}` : `${key} in (${listed})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${listed}` : `${key} notin (${listed})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

/** As the generated String of metav1.LabelSelector, which stands in the names of external metrics. */
export function selectorAsGo(selector: LabelSelector | undefined): string {
  if (selector === undefined) {
    return 'nil';
  }
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return (
    `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
  );
}
