import type { Kinds, Pod } from '../../../../models/api/index.js';
import { Cycle } from '../../../../models/scheduler/framework/cycle.js';
import { fitErrorMessage } from '../../../../models/scheduler/framework/diagnosis.js';
import { type PodInfo, podInfoOf } from '../../../../models/scheduler/framework/pod-info.js';
import { truncateMessage } from '../../../../models/scheduler/pod-client.js';
import type { Adapter } from '../adapter.js';
import { compare } from '../compare.js';
import { type RecordedCluster, RestingCluster } from '../scheduler-cluster.js';
import { asObject } from '../times.js';

interface Recorded {
  readonly cluster: number;
  readonly pod: unknown;
  readonly message?: string;
  readonly anyOf?: readonly string[];
  readonly event?: string;
  readonly nominated?: string;
  readonly plugins?: readonly string[] | null;
}

/** Which of equally good nodes preemption takes is chance: so many evenly spaced draws show all of them. */
const DRAWS = 128;

/** What a pod without a node is told, with the part of preemption. Where chance decides, every recorded text must be possible. */
export const adapter: Adapter = function* (file) {
  const { namespaces } = (file.header.shared ?? {}) as { namespaces?: readonly unknown[] };
  const clusters = new Map(
    (file.clusters as readonly RecordedCluster[]).map((recorded) => [recorded.id, build(recorded, namespaces)]),
  );
  for (const { id, ...fields } of file.cases) {
    const recorded = fields as unknown as Recorded;
    const cluster = clusters.get(recorded.cluster) as RestingCluster;
    const pod = podInfoOf(asObject<Pod>(recorded.pod));
    const found = [...Array(DRAWS).keys()].map((i) => attempt(cluster, pod, i / DRAWS));
    const possible = new Map(found.map((one) => [one.message, one]));
    const expected = recorded.anyOf ?? [recorded.message ?? ''];
    // What chance did not show in the few recorded runs may be possible all the same.
    const told = expected.flatMap((message) => possible.get(message) ?? []);
    const first = told[0] ?? (found[0] as Attempt);
    const isChance = recorded.anyOf !== undefined;
    yield compare(
      id,
      {
        messages: expected,
        event: recorded.event,
        plugins: recorded.plugins ?? [],
        nominated: isChance ? undefined : recorded.nominated,
      },
      {
        messages: told.length > 0 ? told.map(({ message }) => message) : [...possible.keys()],
        event: first.event === first.message || isChance ? undefined : first.event,
        plugins: first.plugins,
        nominated: isChance ? undefined : first.nominated,
      },
    );
  }
};

interface Attempt {
  readonly message: string;
  readonly event: string;
  readonly plugins: readonly string[];
  readonly nominated: string | undefined;
}

function build(recorded: RecordedCluster, namespaces: readonly unknown[] | undefined): RestingCluster {
  const cluster = new RestingCluster(recorded, namespaces);
  for (const namespace of ['default', 'prod']) {
    cluster.tables.put('PersistentVolumeClaim', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'unbound', namespace, uid: `uid-unbound-${namespace}` },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    } satisfies Kinds['PersistentVolumeClaim']);
  }
  return cluster;
}

function attempt(cluster: RestingCluster, pod: PodInfo, draw: number): Attempt {
  const { profile, snapshot } = cluster;
  cluster.draw = draw;
  const cycle = new Cycle({ percentageOfNodesToScore: 0, tieRule: 'heap', nominatedNodeResetsStart: false });
  const result = cycle.schedule(profile, pod, snapshot);
  if (result.outcome !== 'unfit') {
    const message = result.outcome === 'error' ? result.message : 'placed';
    return { message, event: message, plugins: [], nominated: undefined };
  }
  const { diagnosis, state } = result;
  const outcome = profile.runPostFilter({ pod, profile, state, snapshot, diagnosis });
  diagnosis.postFilterMessage = outcome.message;
  const message = fitErrorMessage(result.nodeCount, diagnosis);
  return {
    message,
    event: truncateMessage(message),
    plugins: [...diagnosis.unschedulablePlugins].sort(),
    nominated: outcome.nominatedNodeName || undefined,
  };
}
