import type { NodeInfo } from '../framework/node-info.js';
import { NodeMemo } from '../framework/node-memo.js';
import type { Status } from '../framework/status.js';
import { type Candidate, type DryRun, selectVictims } from './victims.js';

/** Who would have to go from each node for pods of one kind and priority; worked out anew when the node or its pods change. */
export class VictimsMemo {
  #run: DryRun | undefined;
  readonly #memo = new NodeMemo<Candidate | Status>((node) => selectVictims(this.#run as DryRun, node));

  /** To be used for one pod, at once. */
  begin(run: DryRun): (node: NodeInfo) => Candidate | Status {
    this.#run = run;
    return (node) => this.#memo.get(node);
  }
}
