import type { Taint, Toleration } from '../../../../models/api/generated/types.js';
import { firstUntoleratedTaint, matchingTolerations, minTolerationSeconds } from '../../../../models/api/taint.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface TaintsCase extends VectorCase {
  readonly taints: readonly Taint[] | null;
  readonly tolerations: readonly Toleration[] | null;
}

export const adapter: Adapter = function* (file) {
  for (const { id, ...expected } of file.cases as readonly TaintsCase[]) {
    const taints = expected.taints as TaintsCase['taints'];
    const tolerations = expected.tolerations as TaintsCase['tolerations'];
    yield compare(id, expected, { taints, tolerations, ...decide(taints ?? [], tolerations ?? []) });
  }
};

function decide(taints: readonly Taint[], tolerations: readonly Toleration[]): object {
  const noExecute = taints.filter((taint) => taint.effect === 'NoExecute');
  const used = matchingTolerations(noExecute, tolerations);
  const stay = used !== undefined && noExecute.length > 0 ? minTolerationSeconds(used) : undefined;
  return {
    untolerated: firstUntoleratedTaint(taints, tolerations, ['NoSchedule', 'NoExecute']),
    noExecuteAllTolerated: used !== undefined,
    usedTolerations: used ?? [],
    minTolerationSeconds: stay === Number.POSITIVE_INFINITY ? 'forever' : stay,
  };
}
