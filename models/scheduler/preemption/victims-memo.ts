import type { NodeInfo } from '../framework/node-info.js';
import type { Status } from '../framework/status.js';
import { type Candidate, type DryRun, selectVictims } from './victims.js';

/** Who would have to go from each node for pods of one kind and priority, until somebody says that the node or its pods changed. */
export class VictimsMemo {
  readonly #bySlot: (Candidate | Status | undefined)[] = [];

  forget(slot: number): void {
    this.#bySlot[slot] = undefined;
  }

  /** For one pod, at once. */
  begin(run: DryRun): (node: NodeInfo, slot: number) => Candidate | Status {
    const bySlot = this.#bySlot;
    return (node, slot) => {
      let found = bySlot[slot];
      if (found === undefined) {
        found = selectVictims(run, node);
        bySlot[slot] = found;
      }
      return found;
    };
  }
}
