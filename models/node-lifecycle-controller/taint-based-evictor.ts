import type { Micros, Simulation } from '../../engine/index.js';
import { hasTaint, type Node, type Taint, zoneKeyOf } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import {
  NOT_READY,
  noExecuteAction,
  noExecuteChange,
  type ReadyStatus,
  readyStatusOf,
  UNREACHABLE,
} from './decisions.js';
import type { DetectionMarks } from './detection-marks.js';
import type { Evictor } from './evictor.js';
import { NoExecuteTainter } from './no-execute-tainter.js';
import type { TaintWriter } from './taint-writer.js';
import { ZoneQueues } from './zone-queues.js';

const TAINTS: readonly Taint[] = [
  { key: UNREACHABLE, effect: 'NoExecute' },
  { key: NOT_READY, effect: 'NoExecute' },
];

export interface TaintBasedEvictorOptions {
  readonly simulation: Simulation;
  readonly config: NodeLifecycleConfiguration;
  readonly nodes: Informer<Node>;
  readonly taints: TaintWriter;
  readonly marks: DetectionMarks;
  readonly firstTick: Micros;
  readonly elides: boolean;
}

/** Taints nodes NoExecute, at each zone's rate; what becomes of their pods is the taint eviction controller's business. */
export class TaintBasedEvictor implements Evictor {
  readonly #options: TaintBasedEvictorOptions;
  readonly #queues: ZoneQueues;

  constructor(options: TaintBasedEvictorOptions) {
    const tainter = new NoExecuteTainter(options.nodes, options.taints, (node) => options.marks.tainted(node));
    this.#options = options;
    this.#queues = new ZoneQueues({ ...options, process: (node, done) => tainter.process(node, done) });
  }

  openZone(zone: string): void {
    this.#queues.open(zone);
  }

  /** As markNodeAsReachable. */
  release(node: Node, done: () => void): void {
    const isTainted = TAINTS.some((taint) => hasTaint(node.spec.taints, taint));
    this.#remove(node, TAINTS, () => {
      this.#queues.remove(zoneKeyOf(node), node.metadata.name);
      this.#options.marks.released(node, isTainted);
      done();
    });
  }

  /** As processTaintBaseEviction. */
  judge(node: Node, ready: ReadyStatus, _health: unknown, done: () => void): void {
    const action = noExecuteAction(node, ready);
    const zone = zoneKeyOf(node);
    const { name } = node.metadata;
    switch (action.kind) {
      case 'untaint':
        this.release(node, done);
        return;
      case 'swap':
        this.#options.taints.swap(node, action.change, done);
        return;
      case 'queue':
        if (action.again) {
          this.#queues.remove(zone, name);
          this.#options.marks.queued(node);
        }
        this.#queues.add(zone, name);
        done();
    }
  }

  /** Taints are the node's: the taint eviction controller sees to its pods, whenever they came. */
  judgeLateBound(_pod: unknown, _node: unknown, _health: unknown, then: (ok: boolean) => void): void {
    then(true);
  }

  swapLimiter(zone: string, rate: number): void {
    this.#queues.swapLimiter(zone, rate);
  }

  /** Settled is a ready node without either taint, or one that is not ready with the one that says so and without the other. */
  looksAgainAt(node: Node): Micros {
    const { add = [], remove = TAINTS } = noExecuteChange(readyStatusOf(node)) ?? {};
    const isSettled =
      add.every((taint) => hasTaint(node.spec.taints, taint)) &&
      !remove.some((taint) => hasTaint(node.spec.taints, taint));
    return isSettled ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  stop(): void {
    this.#queues.stop();
  }

  /** One taint after the other; the second stays where it is when the first could not be taken off. */
  #remove(node: Node, taints: readonly Taint[], done: () => void): void {
    const [first, ...rest] = taints;
    if (first === undefined) {
      done();
      return;
    }
    this.#options.taints.remove(node, [first], (ok) => this.#remove(node, ok ? rest : [], done));
  }
}
