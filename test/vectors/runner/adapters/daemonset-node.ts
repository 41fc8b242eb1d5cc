import type { DaemonSet, Node } from '../../../../models/api/index.js';
import { placementOn } from '../../../../models/daemonset-controller/placement.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { asObject } from '../times.js';

interface PlacementCase extends VectorCase {
  readonly daemonSet: unknown;
  readonly node: unknown;
  readonly shouldRun: boolean;
  readonly shouldContinueRunning: boolean;
}

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly PlacementCase[]) {
    const { id, shouldRun, shouldContinueRunning } = one;
    const found = placementOn(asObject<Node>(one.node), asObject<DaemonSet>(one.daemonSet));
    yield compare(id, { shouldRun, shouldContinueRunning }, found);
  }
};
