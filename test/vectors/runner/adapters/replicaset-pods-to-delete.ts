import type { Pod } from '../../../../models/api/index.js';
import { podsToDelete } from '../../../../models/replicaset-controller/decisions.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';
import { asObject, microsOf } from '../times.js';

interface DeleteCase extends VectorCase {
  readonly now: string;
  readonly diff: number;
  readonly pods: readonly unknown[];
  readonly relatedOthers: readonly unknown[] | null;
  readonly deleted: readonly string[];
  readonly order: readonly string[];
}

const GATES = { SidecarContainers: true };

export const adapter: Adapter = function* (file) {
  for (const one of file.cases as readonly DeleteCase[]) {
    const pods = asPods(one.pods);
    const related = [...pods, ...asPods(one.relatedOthers ?? [])];
    const names = (count: number): readonly string[] =>
      podsToDelete(pods, related, count, microsOf(one.now), GATES).map((pod) => pod.metadata.name);
    yield compare(
      one.id,
      { deleted: one.deleted, order: one.order },
      { deleted: names(one.diff), order: names(pods.length - 1) },
    );
  }
};

/** A recorded pod without a node has no spec at all. */
const asPods = (recorded: readonly unknown[]): readonly Pod[] =>
  asObject<readonly Pod[]>(recorded).map((pod) => ({ ...pod, spec: pod.spec ?? { containers: [] } }));
