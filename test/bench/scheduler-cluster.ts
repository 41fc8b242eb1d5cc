import type { Kinds, Node, Pod } from '../../models/api/index.js';
import { Cache } from '../../models/scheduler/framework/cache.js';
import { onNode, podInfoOf } from '../../models/scheduler/framework/pod-info.js';
import type { Profile } from '../../models/scheduler/framework/profile.js';
import type { Snapshot } from '../../models/scheduler/framework/snapshot.js';
import { IncrementalCycle } from '../../models/scheduler/incremental/incremental-cycle.js';
import { Nominations } from '../../models/scheduler/queue/nominations.js';
import { defaultProfile, Tables } from '../vectors/runner/scheduler-cluster.js';

const ZONES = ['a', 'b', 'c'];

/** Nodes as in kube-scheduler's own scheduler_perf: 4 CPU, 32Gi, 110 pods; in three zones. */
export const benchNode = (i: number): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `node-${i}`,
    labels: { 'kubernetes.io/hostname': `node-${i}`, 'topology.kubernetes.io/zone': ZONES[i % 3] as string },
  },
  spec: {},
  status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
});

/** What the pods of a template share. */
export interface PodTemplate {
  readonly name: string;
  readonly spec: Pod['spec'];
  /** Owned by the ReplicaSet of its name, and so spread by default. */
  readonly isReplica?: boolean;
}

export const requesting = (cpu: string, memory: string, more: object = {}): Pod['spec'] =>
  ({
    containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu, memory } } }],
    schedulerName: 'default-scheduler',
    ...more,
  }) as unknown as Pod['spec'];

/** The algorithm of the scheduler, without queue and API: decide, and count the pod on its node. */
export class BenchCluster {
  readonly cache = new Cache();
  readonly profile: Profile;
  readonly nominations = new Nominations(() => true);
  readonly #tables = new Tables();
  readonly #cycle: IncrementalCycle;
  #snapshot: Snapshot;
  #count = 0;
  #draws = 0;

  constructor(nodes: number, percentageOfNodesToScore = 0) {
    for (let i = 0; i < nodes; i++) {
      this.cache.addNode(benchNode(i));
    }
    this.#snapshot = this.cache.snapshot();
    this.profile = defaultProfile(
      this.#tables,
      () => this.#snapshot,
      (name) => this.nominations.nominatedPods(name),
      () => this.#draw(),
    );
    const options = { percentageOfNodesToScore, tieRule: 'heap', nominatedNodeResetsStart: false } as const;
    this.#cycle = new IncrementalCycle(options, this.cache, this.nominations);
  }

  /** Where preemption begins, and whom it takes of equals. */
  #draw(): number {
    return ((this.#draws++ * 7919) % 10_000) / 10_000;
  }

  addReplicaSet(name: string): void {
    this.#tables.put('ReplicaSet', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name, namespace: 'default', uid: name },
      spec: { selector: { matchLabels: { app: name } } },
    } as unknown as Kinds['ReplicaSet']);
  }

  nextPod({ name, spec, isReplica }: PodTemplate): Pod {
    const own = `${name}-${++this.#count}`;
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: name, controller: true };
    const metadata = { name: own, namespace: 'default', uid: own, labels: { app: name } };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: isReplica ? { ...metadata, ownerReferences: [owner] } : metadata,
      spec,
    } as Pod;
  }

  /** The node that the pod is counted on now; undefined when it fits nowhere. */
  place(pod: Pod): string | undefined {
    this.#snapshot = this.cache.snapshot();
    const info = podInfoOf(pod);
    const result = this.#cycle.schedule(this.profile, info, this.#snapshot);
    if (result.outcome !== 'placed') {
      return undefined;
    }
    this.cache.assumePod(onNode(info, result.node.name));
    return result.node.name;
  }

  /** Decides on a pod that fits nowhere, and what preemption would do. */
  preempt(pod: Pod): string | undefined {
    const info = podInfoOf(pod);
    this.#snapshot = this.cache.snapshot();
    const { profile } = this;
    const result = this.#cycle.schedule(profile, info, this.#snapshot);
    if (result.outcome !== 'unfit') {
      throw new Error(`${pod.metadata.name}: ${result.outcome}`);
    }
    const { state, diagnosis } = result;
    return profile.runPostFilter({ pod: info, profile, state, snapshot: this.#snapshot, diagnosis }).nominatedNodeName;
  }
}
