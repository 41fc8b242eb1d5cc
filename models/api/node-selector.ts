import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './generated/types.js';
import { type Labels, matchesRequirement, matchesSet, type SelectorOperator } from './selector.js';

/** What a node selector looks at: a node's labels, and its name by matchFields. */
type SelectableNode = Pick<Node, 'metadata'>;

/**
 * Whether the node fits one of the terms. As NodeSelector.Match (k8s.io/component-helpers scheduling/corev1/nodeaffinity): terms
 * are alternatives, an empty term or an empty list fits nothing.
 */
export const matchesNodeSelector = (selector: NodeSelector, node: SelectableNode): boolean =>
  selector.nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));

/** All expressions and fields of one term; an empty term fits nothing. */
export function matchesNodeSelectorTerm(term: NodeSelectorTerm, node: SelectableNode): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  return (
    expressions.length + fields.length > 0 &&
    expressions.every((expression) => matches(expression, node.metadata.labels)) &&
    fields.every((field) => isSingleValued(field) && matches(field, { 'metadata.name': node.metadata.name }))
  );
}

/** matchFields takes In or NotIn with exactly one value; any other term fits nothing (nodeSelectorRequirementsAsFieldSelector). */
const isSingleValued = ({ operator, values }: NodeSelectorRequirement): boolean =>
  (operator === 'In' || operator === 'NotIn') && values?.length === 1;

const matches = ({ key, operator, values }: NodeSelectorRequirement, labels: Labels | undefined): boolean =>
  matchesRequirement({ key, operator: operator as SelectorOperator, values: values ?? [] }, labels);

/** nodeSelector and required node affinity together. As GetRequiredNodeAffinity(pod).Match. */
export function matchesRequiredNodeAffinity(spec: PodSpec, node: SelectableNode): boolean {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    matchesSet(spec.nodeSelector, node.metadata.labels) &&
    (required === undefined || matchesNodeSelector(required, node))
  );
}
