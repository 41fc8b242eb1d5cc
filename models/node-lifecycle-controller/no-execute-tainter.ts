import { type Micros, milliseconds } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import { noExecuteChange, readyStatusOf } from './decisions.js';
import type { Tried } from './rate-limited-timed-queue.js';
import type { TaintWriter } from './taint-writer.js';

// pkg/controller/nodelifecycle doNoExecuteTaintingPass: after this an entry is tried again that could not be looked at
const RETRY_AFTER: Micros = milliseconds(50);

/** Taints nodes whose turn it is, by what their Ready condition says then. As doNoExecuteTaintingPass. */
export class NoExecuteTainter {
  readonly #nodes: Informer<Node>;
  readonly #taints: TaintWriter;
  readonly #onTainted: (node: Node) => void;

  constructor(nodes: Informer<Node>, taints: TaintWriter, onTainted: (node: Node) => void) {
    this.#nodes = nodes;
    this.#taints = taints;
    this.#onTainted = onTainted;
  }

  process(name: string, done: (outcome: Tried) => void): void {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      done('done');
      return;
    }
    const ready = readyStatusOf(node);
    if (ready === undefined) {
      done({ retryAfter: RETRY_AFTER });
      return;
    }
    const change = noExecuteChange(ready);
    if (change === undefined) {
      // Ready again, or the watch has not told yet that it is not: the token is spent all the same.
      done('done');
      return;
    }
    this.#taints.swap(node, change, (ok) => {
      if (ok) {
        this.#onTainted(node);
      }
      done(ok ? 'done' : { retryAfter: 0 });
    });
  }
}
