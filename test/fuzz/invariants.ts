import { type Micros, seconds, toSeconds } from '../../engine/index.js';
import {
  type Deployment,
  type EndpointSlice,
  isPodReady,
  isPodTerminal,
  type Kind,
  type KubeObject,
  keyOf,
  milliValueOf,
  type Node,
  type Pod,
  type ReplicaSet,
  resourceRequest,
  scaledIntOrPercent,
  valueOf,
} from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';

/** Something that must never be, and was. */
export interface Violation {
  readonly at: Micros;
  readonly rule: string;
  readonly what: string;
}

/** How long an endpoint may be called ready after its pod ceased to be: the controller's cache, its work queue, its write. */
const ENDPOINT_LAG: Micros = seconds(15);

const WATCHED = ['Pod', 'Node', 'ReplicaSet', 'Deployment', 'EndpointSlice', 'Lease', 'Service'] as const;

/** Looks on while a cluster runs, and keeps what broke a rule. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #cluster: Cluster;
  readonly #isCalm: boolean;
  /** When each pod, by uid, was last seen Ready: Infinity while it is. */
  readonly #readyUntil = new Map<string, Micros>();
  /** The most replicas that a ReplicaSet, by uid, was ever told to have. */
  readonly #mostReplicas = new Map<string, number>();
  /** Deployments whose replicas were all available once. */
  readonly #hasBeenWhole = new Set<string>();
  #version = 0;

  constructor(cluster: Cluster, isCalm: boolean) {
    this.#cluster = cluster;
    this.#isCalm = isCalm;
    for (const kind of WATCHED) {
      this.#watchVersions(kind);
    }
    cluster.watch('Pod', {
      added: (pod) => this.#onPod(pod, undefined),
      modified: (pod, before) => this.#onPod(pod, before),
      deleted: (pod) => this.#seeReady(pod, false),
    });
    cluster.watch('ReplicaSet', {
      added: (set) => this.#onReplicaSet(set),
      modified: (set) => this.#onReplicaSet(set),
      deleted: () => {},
    });
    cluster.watch('Deployment', {
      added: () => {},
      modified: (deployment) => this.#onDeployment(deployment),
      deleted: () => {},
    });
    cluster.watch('EndpointSlice', {
      added: (slice) => this.#onSlice(slice),
      modified: (slice) => this.#onSlice(slice),
      deleted: () => {},
    });
  }

  #must(holds: boolean, rule: string, what: () => string): void {
    if (!holds) {
      this.violations.push({ at: this.#cluster.simulation.now, rule, what: what() });
    }
  }

  #watchVersions(kind: Kind): void {
    const grows = ({ metadata }: KubeObject): void => {
      const version = Number(metadata.resourceVersion);
      this.#must(version > this.#version, 'resourceVersion grows', () => `${kind} ${metadata.name}: ${version}`);
      this.#version = Math.max(this.#version, version);
    };
    this.#cluster.watch(kind, {
      added: grows,
      modified: (object, before) => {
        grows(object);
        const { uid, deletionTimestamp } = object.metadata;
        this.#must(uid === before.metadata.uid, 'an object keeps its uid', () => `${kind} ${keyOf(object)}`);
        this.#must(
          before.metadata.deletionTimestamp === undefined || deletionTimestamp !== undefined,
          'a deletion is never taken back',
          () => `${kind} ${keyOf(object)}`,
        );
      },
      deleted: grows,
    });
  }

  #onPod(pod: Pod, before: Pod | undefined): void {
    this.#seeReady(pod, isPodReady(pod));
    const key = keyOf(pod);
    const node = pod.spec.nodeName;
    const nodeBefore = before?.spec.nodeName;
    if (nodeBefore) {
      this.#must(node === nodeBefore, 'a pod is bound once', () => `${key}: ${nodeBefore}, then ${node}`);
    } else if (node) {
      this.#onBound(node);
    }
    if (before !== undefined) {
      const [phase, phaseBefore] = [pod.status?.phase, before.status?.phase];
      this.#must(
        !isPodTerminal(before) || phase === phaseBefore,
        'a pod that ended stays so',
        () => `${key}: ${phaseBefore}, then ${phase}`,
      );
      this.#mustNotLoseRestarts(pod, before);
    }
    const isReady = isPodReady(pod) && pod.status?.containerStatuses !== undefined;
    this.#must(
      !isReady || (pod.status?.containerStatuses ?? []).every(({ ready }) => ready),
      'containers of a ready pod are ready',
      () => key,
    );
    this.#countReplicas(pod);
  }

  #seeReady(pod: Pod, isReady: boolean): void {
    const uid = pod.metadata.uid as string;
    if (isReady) {
      this.#readyUntil.set(uid, Number.POSITIVE_INFINITY);
    } else if (this.#readyUntil.get(uid) === Number.POSITIVE_INFINITY) {
      this.#readyUntil.set(uid, this.#cluster.simulation.now);
    }
  }

  #mustNotLoseRestarts(pod: Pod, before: Pod): void {
    for (const { name, restartCount } of pod.status?.containerStatuses ?? []) {
      const old = before.status?.containerStatuses?.find((status) => status.name === name)?.restartCount ?? 0;
      this.#must(restartCount >= old, 'restartCount never falls', () => `${keyOf(pod)}: ${old}, then ${restartCount}`);
    }
  }

  /** Everything that was bound here came from the scheduler. */
  #onBound(name: string): void {
    const node: Node | undefined = this.#cluster.get('Node', name);
    const { allocatable } = node?.status ?? {};
    if (allocatable === undefined) {
      return;
    }
    const here = [...this.#cluster.list('Pod')].filter((pod) => pod.spec.nodeName === name && !isPodTerminal(pod));
    for (const resource of ['cpu', 'memory', 'pods']) {
      const asked = here.reduce((sum, pod) => sum + resourceRequest(pod, resource), 0);
      const quantity = allocatable[resource] ?? '0';
      const there = resource === 'cpu' ? milliValueOf(quantity) : valueOf(quantity);
      this.#must(
        asked <= there,
        'pods on a node ask for no more than it has',
        () => `${name}: ${resource} ${asked} of ${there}`,
      );
    }
  }

  #onReplicaSet(set: ReplicaSet): void {
    const uid = set.metadata.uid as string;
    const replicas = set.spec.replicas ?? 1;
    this.#mostReplicas.set(uid, Math.max(this.#mostReplicas.get(uid) ?? 0, replicas));
    const owner = set.metadata.ownerReferences?.find(({ controller }) => controller)?.name;
    const deployment = owner && this.#cluster.get('Deployment', `${set.metadata.namespace}/${owner}`);
    if (deployment && this.#isCalm) {
      this.#mustNotSurge(deployment);
    }
  }

  #countReplicas({ metadata }: Pod): void {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    const most = owner && this.#mostReplicas.get(owner.uid);
    if (owner === undefined || most === undefined) {
      return;
    }
    const alive = [...this.#cluster.list('Pod')].filter(
      (pod) =>
        !isPodTerminal(pod) &&
        pod.metadata.deletionTimestamp === undefined &&
        pod.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid),
    );
    this.#must(
      alive.length <= most,
      'a ReplicaSet never has more pods than it was told to',
      () => `${owner.name}: ${alive.length}, at most ${most}`,
    );
  }

  #mustNotSurge(deployment: Deployment): void {
    const { replicas = 1, strategy } = deployment.spec;
    const surge = scaledIntOrPercent(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, 'up');
    const total = [...this.#cluster.list('ReplicaSet')]
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === deployment.metadata.uid))
      .reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
    this.#must(
      total <= replicas + Math.max(surge, 1),
      'a rollout keeps to maxSurge',
      () => `${keyOf(deployment)}: ${total} of ${replicas} + ${surge}`,
    );
  }

  /** In a calm cluster only the rollout itself takes pods away. */
  #onDeployment(deployment: Deployment): void {
    if (!this.#isCalm) {
      return;
    }
    const key = keyOf(deployment);
    const { replicas = 1, strategy } = deployment.spec;
    const available = deployment.status?.availableReplicas ?? 0;
    if (available >= replicas) {
      this.#hasBeenWhole.add(key);
    }
    const unavailable = scaledIntOrPercent(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, 'down');
    this.#must(
      !this.#hasBeenWhole.has(key) || available >= replicas - Math.max(unavailable, 1),
      'a rollout keeps to maxUnavailable',
      () => `${key}: ${available} of ${replicas} − ${unavailable}`,
    );
  }

  #onSlice(slice: EndpointSlice): void {
    const { now } = this.#cluster.simulation;
    for (const { conditions, targetRef } of slice.endpoints ?? []) {
      const readyUntil = this.#readyUntil.get(targetRef?.uid ?? '') ?? Number.NEGATIVE_INFINITY;
      this.#must(
        !conditions?.ready || now - readyUntil <= ENDPOINT_LAG,
        'a ready endpoint has a ready pod',
        () => `${keyOf(slice)}: ${targetRef?.name}, ready until ${toSeconds(readyUntil)} s`,
      );
    }
  }
}
