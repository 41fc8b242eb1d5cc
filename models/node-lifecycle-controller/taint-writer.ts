import {
  entityKey,
  type Micros,
  milliseconds,
  type RandomStream,
  type Simulation,
  wholeSecond,
} from '../../engine/index.js';
import { hasTaint, isSameTaint, type Node, type Taint } from '../api/index.js';
import type { ApiClient } from '../client-go/index.js';
import type { TaintChange } from './decisions.js';

// pkg/controller/controller_utils.go UpdateTaintBackoff
const ATTEMPTS = 5;
const BACKOFF: Micros = milliseconds(100);
const BACKOFF_JITTER = 1;

/** Puts taints on nodes and takes them off: two reads and two writes a swap. As SwapNodeControllerTaint (pkg/controller/util/node). */
export class TaintWriter {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #jitter: RandomStream;
  #conflicts = 0;

  constructor(simulation: Simulation, client: ApiClient) {
    this.#simulation = simulation;
    this.#client = client;
    this.#jitter = simulation.stream('node-lifecycle/taint-conflict');
  }

  /** Adds, then removes. `node` is the caller's cached copy; nothing is asked when it has none of the taints to remove. */
  swap(node: Node, change: TaintChange, then: (ok: boolean) => void): void {
    const timeAdded = wholeSecond(this.#simulation.now);
    const added = change.add.map((taint) => ({ ...taint, timeAdded }));
    this.#change(
      node.metadata.name,
      added.length > 0,
      (taints) => withTaints(taints, added),
      (ok) => {
        if (ok) {
          this.remove(node, change.remove, then);
        } else {
          then(false);
        }
      },
    );
  }

  /** As RemoveTaintOffNode. */
  remove(node: Node, taints: readonly Taint[], then: (ok: boolean) => void): void {
    const isAnyThere = taints.some((taint) => hasTaint(node.spec.taints, taint));
    this.#change(node.metadata.name, isAnyThere, (found) => withoutTaints(found, taints), then);
  }

  #change(
    node: string,
    isNeeded: boolean,
    change: (taints: readonly Taint[]) => readonly Taint[],
    then: (ok: boolean) => void,
    attempt = 1,
  ): void {
    if (!isNeeded) {
      then(true);
      return;
    }
    this.#client.get('Node', node, (read) => {
      if (!read.ok) {
        then(false);
        return;
      }
      const found = read.object.spec.taints ?? [];
      const taints = change(found);
      if (taints === found) {
        then(true);
        return;
      }
      const changed: Node = { ...read.object, spec: { ...read.object.spec, taints } };
      this.#client.update('Node', changed, (written) => {
        if (written.ok || written.error.reason !== 'Conflict' || attempt === ATTEMPTS) {
          then(written.ok);
          return;
        }
        const pause = this.#jitter.jitter(entityKey(node), this.#conflicts++, BACKOFF, BACKOFF_JITTER);
        this.#simulation.after(pause, () => this.#change(node, true, change, then, attempt + 1));
      });
    });
  }
}

/** As AddOrUpdateTaint (pkg/util/taints), one after the other. The same list when all are there to the letter. */
function withTaints(taints: readonly Taint[], added: readonly Taint[]): readonly Taint[] {
  return added.reduce((list, taint) => {
    const at = list.findIndex((other) => isSameTaint(other, taint));
    const old = list[at];
    if (old === undefined) {
      return [...list, taint];
    }
    const isUnchanged = (old.value ?? '') === (taint.value ?? '') && old.timeAdded === taint.timeAdded;
    return isUnchanged ? list : list.map((other, i) => (i === at ? taint : other));
  }, taints);
}

/** As RemoveTaint (pkg/util/taints). The same list when none is there. */
const withoutTaints = (taints: readonly Taint[], removed: readonly Taint[]): readonly Taint[] =>
  taints.some((taint) => hasTaint(removed, taint)) ? taints.filter((taint) => !hasTaint(removed, taint)) : taints;
