import { type Kind, type Kinds, keyOf, type Node, type Pod } from '../../../models/api/index.js';
import { buildProfile } from '../../../models/scheduler/configuration/build-profile.js';
import type { ProfileDocument } from '../../../models/scheduler/configuration/document.js';
import { type ResolvedProfile, resolveProfiles } from '../../../models/scheduler/configuration/resolve.js';
import { Cache } from '../../../models/scheduler/framework/cache.js';
import type { ListedKind, Listers } from '../../../models/scheduler/framework/listers.js';
import type { NodeInfo } from '../../../models/scheduler/framework/node-info.js';
import { type PodInfo, podInfoOf } from '../../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../../models/scheduler/framework/snapshot.js';
import type { Status } from '../../../models/scheduler/framework/status.js';
import { PLUGINS } from '../../../models/scheduler/plugins/registry.js';
import { NO_PREEMPTION } from '../../../models/scheduler/preemption/executor.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';
import { asObject } from './times.js';

/** Objects that plugins look up, as plain tables. */
export class Tables implements Listers {
  readonly #tables = new Map<ListedKind, Map<string, unknown>>();

  put<K extends ListedKind>(kind: K, object: Kinds[K]): void {
    this.#table(kind).set(keyOf(object), object);
  }

  delete(kind: ListedKind, key: string): void {
    this.#table(kind).delete(key);
  }

  get<K extends ListedKind>(kind: K, key: string): Kinds[K] | undefined {
    return this.#table(kind).get(key) as Kinds[K] | undefined;
  }

  list<K extends ListedKind>(kind: K): Iterable<Kinds[K]> {
    return this.#table(kind).values() as Iterable<Kinds[K]>;
  }

  inNamespace<K extends ListedKind>(kind: K, namespace: string): Iterable<Kinds[K]> {
    return [...this.list(kind)].filter(({ metadata }) => metadata.namespace === namespace);
  }

  #table(kind: Kind): Map<string, unknown> {
    let table = this.#tables.get(kind as ListedKind);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(kind as ListedKind, table);
    }
    return table;
  }
}

/** A snapshot as the vectors give it. */
export interface RecordedCluster {
  readonly id: number;
  readonly nodes?: readonly unknown[];
  readonly pods?: readonly unknown[];
  readonly nominatedPods?: readonly unknown[];
  readonly services?: readonly unknown[];
  readonly pdbs?: readonly unknown[];
}

/** What kube-scheduler 1.37 runs without a configuration file. */
export function defaultProfile(
  listers: Listers,
  snapshot: () => Snapshot,
  nominatedPods: (nodeName: string) => readonly PodInfo[] = () => [],
  uniform: () => number = () => 0,
  profile: ProfileDocument = { schedulerName: 'default-scheduler' },
): Profile {
  const { kubeScheduler } = defaultsFor('1.37') as Defaults;
  const [resolved] = resolveProfiles({ profiles: [profile] }, kubeScheduler.multiPoint, PLUGINS);
  return buildProfile(resolved as ResolvedProfile, {
    listers,
    snapshot,
    nominator: { isEmpty: false, nominatedPods },
    defaults: kubeScheduler,
    postBinding: () => {},
    volumeClient: { update: () => {}, after: () => {} },
    preemptionClient: NO_PREEMPTION,
    uniform,
    extenders: [],
    waitingPods: { get: () => undefined, list: () => [] },
  });
}

/** A cluster at rest with the default profile of 1.37, for asking what one cycle does. */
export class RestingCluster {
  readonly tables = new Tables();
  readonly cache = new Cache();
  /** What every draw from [0, 1) gives. */
  draw = 0;
  readonly profile: Profile;
  readonly #nominated: PodInfo[] = [];
  readonly #names: readonly string[];
  #snapshot: Snapshot | undefined;

  constructor(recorded: RecordedCluster, namespaces: readonly unknown[] = [], profile?: ProfileDocument) {
    this.#names = (recorded.nodes ?? []).map((node) => (node as Node).metadata.name);
    const { tables } = this;
    for (const namespace of namespaces) {
      tables.put('Namespace', asObject<Kinds['Namespace']>(namespace));
    }
    for (const service of recorded.services ?? []) {
      tables.put('Service', asObject<Kinds['Service']>(service));
    }
    for (const budget of recorded.pdbs ?? []) {
      tables.put('PodDisruptionBudget', asObject<Kinds['PodDisruptionBudget']>(budget));
    }
    for (const node of recorded.nodes ?? []) {
      this.cache.addNode(asObject<Node>(node));
    }
    for (const pod of recorded.pods ?? []) {
      this.cache.addPod(asObject<Pod>(pod));
    }
    this.#nominated.push(...(recorded.nominatedPods ?? []).map((pod) => podInfoOf(asObject<Pod>(pod))));
    this.profile = defaultProfile(
      tables,
      () => this.snapshot,
      (name) => this.#nominated.filter(({ pod }) => pod.status?.nominatedNodeName === name),
      () => this.draw,
      profile,
    );
  }

  /** Nodes in the order of the recording, which is not the order of the cache. */
  get nodesAsRecorded(): readonly NodeInfo[] {
    return this.#names.map((name) => this.snapshot.get(name) as NodeInfo);
  }

  get snapshot(): Snapshot {
    this.#snapshot ??= this.cache.snapshot();
    return this.#snapshot;
  }
}

/** A status as the vectors write it; the order of reasons does not count. */
export const recordedStatus = ({ plugin, code, reasons }: Status): unknown => [plugin, code, [...reasons].sort()];

/** The same of a recorded one. */
export function sortedReasons(recorded: unknown): unknown {
  const [plugin, code, reasons] = recorded as [string, string, string[] | null];
  return [plugin, code, [...(reasons ?? [])].sort()];
}
