import { hasTaint, type Node, type Taint } from '../../api/index.js';

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Keeps pods off a node until its conditions were looked at. Plugin TaintNodesByCondition (plugin/pkg/admission/nodetaint). */
export const withNotReadyTaint = (node: Node): Node =>
  hasTaint(node.spec?.taints, NOT_READY)
    ? node
    : { ...node, spec: { ...node.spec, taints: [...(node.spec?.taints ?? []), NOT_READY] } };
