import { conditionOf } from './conditions.js';
import type { Node } from './generated/types.js';

/** Condition Ready is True. As nodeutil.IsNodeReady (pkg/controller/util/node). */
export const isNodeReady = (node: Node): boolean => conditionOf(node.status?.conditions, 'Ready')?.status === 'True';
