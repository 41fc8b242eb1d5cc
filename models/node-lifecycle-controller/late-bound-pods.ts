import type { ObjectKey } from '../../engine/index.js';
import type { Node, Pod } from '../api/index.js';
import { Controller, type ControllerContext, type Informer, type SyncResult } from '../client-go/index.js';
import { readyStatusOf } from './decisions.js';
import type { Evictor } from './evictor.js';
import type { NodeRecord } from './node-health-records.js';
import type { PodReadiness } from './pod-readiness.js';

export interface LateBoundPodsOptions {
  readonly context: ControllerContext;
  readonly workers: number;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly podReadiness: PodReadiness;
  readonly recordOf: (node: string) => NodeRecord | undefined;
  /** How pods of unready nodes are lost; undefined while the process is down. */
  readonly evictor: () => Evictor | undefined;
}

/** Marks pods not ready that are bound to a node already known to be unready. As doPodProcessingWorker and processPod. */
export class LateBoundPods extends Controller {
  readonly name = 'node-lifecycle/pods';
  readonly #options: LateBoundPodsOptions;

  constructor(options: LateBoundPodsOptions) {
    super(options.context, { workers: options.workers });
    this.#options = options;
    options.pods.onChange({
      added: (pod, key) => this.#onBound(key, pod),
      modified: (pod, before, key) => {
        if (pod.spec.nodeName !== before.spec.nodeName) {
          this.#onBound(key, pod);
        }
      },
      deleted: () => {},
    });
  }

  protected override sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const { pods, nodes, recordOf, podReadiness, evictor } = this.#options;
    const pod = pods.get(key);
    const name = pod?.spec.nodeName;
    const health = name === undefined ? undefined : recordOf(name)?.health;
    if (pod === undefined || name === undefined || health === undefined) {
      // The node has not been looked at yet: its first pass will see to its pods.
      done('done');
      return;
    }
    if (!nodes.has(name)) {
      done('retry');
      return;
    }
    const ready = readyStatusOf({ status: { conditions: health.conditions } });
    if (ready === undefined) {
      done('done');
      return;
    }
    evictor()?.judgeLateBound(
      pod,
      () => nodes.get(name) as Node,
      health,
      (ok) => {
        if (!ok || ready === 'True') {
          done(ok ? 'done' : 'retry');
        } else {
          podReadiness.markNotReady([pod], (marked) => done(marked ? 'done' : 'retry'));
        }
      },
    );
  }

  #onBound(key: ObjectKey, pod: Pod): void {
    if (pod.spec.nodeName) {
      this.enqueue(key);
    }
  }
}
