import type { Micros } from '../../engine/index.js';
import type { Node, Pod } from '../api/index.js';
import type { NodeHealth, ReadyStatus } from './decisions.js';

/** How nodes that are not ready lose their pods: by taint, or (where the taint manager can be off) by deletion. */
export interface Evictor {
  /** A zone that has no queue yet, or none any more. */
  openZone(zone: string): void;
  /** The node is new, or everything is withdrawn: forget whatever was going to happen to it. */
  release(node: Node, done: () => void): void;
  /** One pass's view of the node. */
  judge(node: Node, ready: ReadyStatus, health: NodeHealth, done: () => void): void;
  /** The same for a pod that was bound to the node after it was known to be unready; answers whether that went well. */
  judgeLateBound(pod: Pod, node: () => Node, health: NodeHealth, then: (ok: boolean) => void): void;
  swapLimiter(zone: string, rate: number): void;
  /** The pass from which on the node's state calls for a look again, if its Ready condition stays; Infinity for none. */
  looksAgainAt(node: Node, health: NodeHealth): Micros;
  stop(): void;
}
