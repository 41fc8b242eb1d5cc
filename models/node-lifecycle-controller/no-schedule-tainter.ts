import type { ObjectKey } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import { Controller, type ControllerContext, type Informer, type SyncResult } from '../client-go/index.js';
import { noScheduleChange } from './decisions.js';
import type { TaintWriter } from './taint-writer.js';

/**
 * Keeps each node's NoSchedule taints as its conditions say, at every change of the node and without rate limit.
 * As doNodeProcessingPassWorker: a swap that fails is not tried again until the node changes.
 */
export class NoScheduleTainter extends Controller {
  readonly name = 'node-lifecycle/no-schedule';
  readonly #nodes: Informer<Node>;
  readonly #taints: TaintWriter;

  constructor(context: ControllerContext, nodes: Informer<Node>, taints: TaintWriter, workers: number) {
    super(context, { workers });
    this.#nodes = nodes;
    this.#taints = taints;
    const onChange = (node: Node): void => this.#onChange(node);
    nodes.onChange({ added: onChange, modified: onChange, deleted: () => {} });
  }

  protected override sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const node = this.#nodes.get(key);
    const change = node && noScheduleChange(node);
    if (node === undefined || change === undefined || isNothing(change)) {
      done('done');
      return;
    }
    this.#taints.swap(node, change, (ok) => done(ok ? 'done' : this.#atNextHeartbeat(key)));
  }

  /** Any update of the node brings it here again; one that is only foretold has to be waited for. */
  #atNextHeartbeat(key: ObjectKey): SyncResult {
    const { simulation, api } = this.context;
    const delay = api.computed.latency?.watch ?? 0;
    const next = api.computed.versionsOf('Node', key)?.nextAfter?.(simulation.now - delay);
    return next === undefined ? 'done' : { requeueAfter: next + delay - simulation.now };
  }

  #onChange(node: Node): void {
    if (!isNothing(noScheduleChange(node))) {
      this.enqueue(node.metadata.name);
    }
  }
}

const isNothing = ({ add, remove }: ReturnType<typeof noScheduleChange>): boolean =>
  add.length === 0 && remove.length === 0;
