import type { Pod } from '../../../../models/api/index.js';
import { Diagnosis } from '../../../../models/scheduler/framework/diagnosis.js';
import type { NodeInfo } from '../../../../models/scheduler/framework/node-info.js';
import { type PodInfo, podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import { type Status, unresolvable } from '../../../../models/scheduler/framework/status.js';
import { PotentialNodes } from '../../../../models/scheduler/plugins/default-preemption.js';
import { notEligible } from '../../../../models/scheduler/preemption/eligibility.js';
import { bestCandidates } from '../../../../models/scheduler/preemption/pick-one-node.js';
import { dryRun } from '../../../../models/scheduler/preemption/victims.js';
import type { Adapter } from '../adapter.js';
import { compare } from '../compare.js';
import { type RecordedCluster, RestingCluster, recordedStatus, sortedReasons } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

interface Recorded {
  readonly cluster: number;
  readonly pod: unknown;
  readonly candidates: unknown;
  readonly notCandidate: Readonly<Record<string, unknown>>;
  readonly eligible: boolean;
  readonly notEligibleReason: string;
  readonly feasible: readonly string[];
  readonly rejected: Readonly<Record<string, unknown>>;
  readonly potentialNodes: readonly string[];
  readonly selected: readonly string[] | null;
}

/** The dry run of preemption: victims per node, why a node is no candidate, and the nodes that may be taken. */
export const adapter: Adapter = function* (file) {
  const { namespaces } = (file.header.shared ?? {}) as { namespaces?: readonly unknown[] };
  const clusters = new Map(
    (file.clusters as readonly RecordedCluster[]).map((recorded) => [
      recorded.id,
      new RestingCluster(recorded, namespaces),
    ]),
  );
  for (const { id, ...fields } of file.cases) {
    const recorded = fields as unknown as Recorded;
    const found = evaluate(clusters.get(recorded.cluster) as RestingCluster, podInfoOf(asObject<Pod>(recorded.pod)));
    yield compare(
      id,
      {
        candidates: recorded.candidates,
        notCandidate: withSortedReasons(recorded.notCandidate),
        eligible: recorded.eligible,
        notEligibleReason: recorded.notEligibleReason,
        feasible: recorded.feasible,
        rejected: withSortedReasons(recorded.rejected),
        potentialNodes: recorded.potentialNodes,
        selected: recorded.selected ?? [],
      },
      found,
    );
  }
};

const withSortedReasons = (statuses: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries(statuses).map(([node, status]) => [node, sortedReasons(status)]));

const record = (statuses: Iterable<readonly [string, Status]>): unknown =>
  Object.fromEntries([...statuses].map(([node, status]) => [node, recordedStatus(status)]));

function evaluate(cluster: RestingCluster, pod: PodInfo): unknown {
  const { profile, snapshot, tables } = cluster;
  const state = profile.newState();
  const { status: refused, nodeNames, narrowedBy } = profile.runPreFilter(state, pod, snapshot);
  if (refused !== undefined) {
    throw new RangeError(`no filter was recorded: ${refused.reasons.join(', ')}`);
  }
  const narrowed = unresolvable('', `node(s) didn't satisfy plugin(s) [${narrowedBy.join(' ')}]`);
  const diagnosis = new Diagnosis();
  const feasible: NodeInfo[] = [];
  for (const node of cluster.nodesAsRecorded) {
    const isNarrowedOut = nodeNames !== undefined && !nodeNames.has(node.name);
    const status = isNarrowedOut ? narrowed : profile.runFilterWithNominated(state, pod, node);
    if (status === undefined) {
      feasible.push(node);
    } else {
      diagnosis.refuse(node.name, status);
    }
  }
  const nominated = pod.pod.status?.nominatedNodeName ?? '';
  const obstacle = notEligible(pod.pod, { info: snapshot.get(nominated), status: diagnosis.statusOf(nominated) }, true);
  const nodes: NodeInfo[] = [];
  new PotentialNodes(snapshot.nodes, diagnosis).from(0).some((node) => nodes.push(node) === 0);
  const budgets = [...tables.list('PodDisruptionBudget')];
  const { candidates, statuses } = dryRun({ profile, pod, state, budgets }, nodes, nodes.length);
  return {
    candidates: candidates
      .map(({ node, victims, budgetViolations }) => ({
        node,
        numPDBViolations: budgetViolations,
        victims: victims.map(({ key }) => key),
      }))
      .sort((a, b) => (a.node < b.node ? -1 : 1)),
    notCandidate: record(statuses),
    eligible: obstacle === undefined,
    notEligibleReason: obstacle ?? '',
    feasible: feasible.map(({ name }) => name),
    rejected: record(diagnosis.statuses),
    potentialNodes: nodes.map(({ name }) => name),
    selected: bestCandidates(candidates)
      .map(({ node }) => node)
      .sort(),
  };
}
