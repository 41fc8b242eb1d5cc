import type { Kinds, Node, Pod } from '../../../../models/api/index.js';
import { LISTED_KINDS, type ListedKind } from '../../../../models/scheduler/framework/listers.js';
import type { NodeInfo } from '../../../../models/scheduler/framework/node-info.js';
import { type PodInfo, podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import type { PluginScores } from '../../../../models/scheduler/framework/profile.js';
import type { Adapter } from '../adapter.js';
import { compare } from '../compare.js';
import { RestingCluster, recordedStatus, sortedReasons } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

interface Recorded {
  readonly cluster: number;
  readonly pod: unknown;
  readonly preFilter?: unknown;
  readonly preFilterNodes?: unknown;
  readonly rejected?: Readonly<Record<string, unknown>>;
  readonly feasible?: readonly string[];
  readonly volumeBindingScore?: readonly number[] | null;
}

interface RecordedObjects {
  readonly id: number;
  readonly objects: Readonly<Record<string, readonly unknown[]>>;
}

/** Verdicts of the volume plugins per node, and what VolumeBinding scores the feasible ones. */
export const adapter: Adapter = function* (file) {
  const clusters = new Map(
    (file.clusters as readonly RecordedObjects[]).map((recorded) => [recorded.id, build(recorded)]),
  );
  for (const { id, ...fields } of file.cases) {
    const recorded = fields as unknown as Recorded;
    const found = evaluate(clusters.get(recorded.cluster) as RestingCluster, podInfoOf(asObject<Pod>(recorded.pod)));
    yield compare(
      id,
      {
        preFilter: recorded.preFilter && sortedReasons(recorded.preFilter),
        preFilterNodes: recorded.preFilterNodes,
        rejected:
          recorded.rejected &&
          Object.fromEntries(Object.entries(recorded.rejected).map(([node, status]) => [node, sortedReasons(status)])),
        feasible: recorded.feasible,
        volumeBindingScore: recorded.volumeBindingScore ?? undefined,
      },
      recorded.volumeBindingScore === undefined ? { ...found, volumeBindingScore: undefined } : found,
    );
  }
};

function build({ id, objects }: RecordedObjects): RestingCluster {
  const known: readonly string[] = ['Node', 'Pod', ...LISTED_KINDS];
  const unknown = Object.keys(objects).filter((kind) => !known.includes(kind));
  if (unknown.length > 0) {
    throw new RangeError(`nobody in the scheduler looks at ${unknown.join(', ')}`);
  }
  const cluster = new RestingCluster({ id, nodes: objects.Node ?? [], pods: objects.Pod ?? [] });
  for (const kind of LISTED_KINDS) {
    for (const object of objects[kind] ?? []) {
      cluster.tables.put(kind, asObject<Kinds[ListedKind]>(object));
    }
  }
  return cluster;
}

function evaluate({ profile, snapshot }: RestingCluster, pod: PodInfo): Record<string, unknown> {
  const state = profile.newState();
  const { status, nodeNames } = profile.runPreFilter(state, pod, snapshot);
  if (status !== undefined) {
    return { preFilter: recordedStatus(status) };
  }
  const rejected: Record<string, unknown> = {};
  const feasible: NodeInfo[] = [];
  for (const node of snapshot.nodes) {
    const verdict = profile.runFilterWithNominated(state, pod, node);
    if (verdict === undefined) {
      feasible.push(node);
    } else {
      rejected[node.name] = recordedStatus(verdict);
    }
  }
  const rows: PluginScores[] = [];
  if (feasible.length > 0) {
    profile.runScore(state, pod, feasible, snapshot, (row) => rows.push(row));
  }
  return {
    preFilterNodes: nodeNames && [...nodeNames].sort(),
    rejected,
    feasible: feasible.map(({ node }: { node: Node }) => node.metadata.name),
    volumeBindingScore: rows.find(({ plugin }) => plugin === 'VolumeBinding')?.raw,
  };
}
