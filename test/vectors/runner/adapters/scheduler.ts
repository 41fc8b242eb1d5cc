import type { Pod } from '../../../../models/api/index.js';
import { Cycle } from '../../../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../../../models/scheduler/framework/diagnosis.js';
import type { NodeInfo } from '../../../../models/scheduler/framework/node-info.js';
import { type PodInfo, podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import type { PluginScores } from '../../../../models/scheduler/framework/profile.js';
import { isStatus, type Status, unresolvable } from '../../../../models/scheduler/framework/status.js';
import type { Adapter, VectorFile } from '../adapter.js';
import { compare } from '../compare.js';
import { type RecordedCluster, RestingCluster, recordedStatus, sortedReasons } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

interface Recorded {
  readonly cluster: number;
  readonly pod: unknown;
  readonly preEnqueue?: unknown;
  readonly preFilter?: unknown;
  readonly preFilterNodes?: readonly string[];
  readonly rejected?: Readonly<Record<string, unknown>>;
  readonly feasible?: readonly string[];
  readonly raw?: Readonly<Record<string, readonly number[]>>;
  readonly scores?: Readonly<Record<string, readonly number[]>>;
  readonly total?: readonly number[];
  readonly top?: readonly string[];
  readonly fitError?: string;
}

/** One cycle of the default profile: every verdict, every score, the winners, and that the cycle picks one of them. */
export const adapter: Adapter = function* (file) {
  const clusters = clustersOf(file);
  for (const { id, ...fields } of file.cases) {
    const recorded = fields as unknown as Recorded;
    const cluster = clusters.get(recorded.cluster) as RestingCluster;
    const found = evaluate(cluster, podInfoOf(asObject<Pod>(recorded.pod)));
    yield compare(
      id,
      {
        preEnqueue: recorded.preEnqueue && sortedReasons(recorded.preEnqueue),
        preFilter: recorded.preFilter && sortedReasons(recorded.preFilter),
        preFilterNodes: recorded.preFilterNodes,
        rejected: recorded.rejected && mapValues(recorded.rejected, sortedReasons),
        feasible: recorded.feasible,
        raw: recorded.raw,
        scores: recorded.scores,
        total: recorded.total,
        top: recorded.top,
        fitError: recorded.fitError,
        picksOneOfTheTop: true,
      },
      found,
    );
  }
};

function clustersOf(file: VectorFile): ReadonlyMap<number, RestingCluster> {
  const { namespaces } = (file.header.shared ?? {}) as { namespaces?: readonly unknown[] };
  return new Map(
    (file.clusters as readonly RecordedCluster[]).map((recorded) => [
      recorded.id,
      new RestingCluster(recorded, namespaces),
    ]),
  );
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

function evaluate({ profile, snapshot, nodesAsRecorded }: RestingCluster, pod: PodInfo): unknown {
  const preEnqueue = profile.at('preEnqueue').flatMap((plugin) => plugin.preEnqueue?.(pod) ?? [])[0];
  const state = profile.newState();
  const outcome = profile.runPreFilter(state, pod, snapshot);
  const cycle = new Cycle({ percentageOfNodesToScore: 100, tieRule: 'heap', nominatedNodeResetsStart: false });
  const result = cycle.schedule(profile, pod, snapshot);
  const fitError =
    result.outcome === 'unfit'
      ? fitErrorMessage(result.nodeCount, result.diagnosis)
      : result.outcome === 'error'
        ? result.message
        : undefined;
  if (outcome.status !== undefined) {
    return {
      preEnqueue: preEnqueue && recordedStatus(preEnqueue),
      preFilter: recordedStatus(outcome.status),
      fitError,
      picksOneOfTheTop: true,
    };
  }
  const narrowed = unresolvable('', `node(s) didn't satisfy plugin(s) [${outcome.narrowedBy.join(' ')}]`);
  const rejected: Record<string, Status> = {};
  const feasible: NodeInfo[] = [];
  for (const node of nodesAsRecorded) {
    const isNarrowedOut = outcome.nodeNames !== undefined && !outcome.nodeNames.has(node.name);
    const status = isNarrowedOut ? narrowed : profile.runFilterWithNominated(state, pod, node);
    if (status === undefined) {
      feasible.push(node);
    } else {
      rejected[node.name] = status;
    }
  }
  const found = {
    preEnqueue: preEnqueue && recordedStatus(preEnqueue),
    preFilterNodes: outcome.nodeNames && [...outcome.nodeNames].sort(),
    rejected: mapValues(rejected, recordedStatus),
    feasible: feasible.map(({ name }) => name),
    fitError,
  };
  if (feasible.length === 0) {
    return { ...found, picksOneOfTheTop: true };
  }
  const rows: PluginScores[] = [];
  const total = profile.runScore(state, pod, feasible, snapshot, (row) => rows.push(row));
  if (isStatus(total)) {
    return { ...found, total };
  }
  const best = Math.max(...total);
  const top = feasible.filter((_, i) => total[i] === best).map(({ name }) => name);
  return {
    ...found,
    raw: Object.fromEntries(rows.map(({ plugin, raw }) => [plugin, raw])),
    scores: Object.fromEntries(rows.map(({ plugin, weighted }) => [plugin, weighted])),
    total,
    top,
    picksOneOfTheTop: result.outcome === 'placed' && top.includes(result.node.name),
  };
}
