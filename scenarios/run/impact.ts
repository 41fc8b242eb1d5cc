import type { Micros } from '../../engine/index.js';
import { conditionOf, controllerOf, keyOf, type Node, type Pod } from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';
import type { Injection } from '../faults/fault.js';
import { ServiceWatch } from './service-watch.js';
import type { NodeStory, PodStory, ServiceStory } from './story.js';

type Changing<T> = { -readonly [K in keyof T]: T[K] };

const isReady = (pod: Pod): boolean => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';

const restartsOf = (pod: Pod): number =>
  (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

const allRun = (pod: Pod): boolean => {
  const containers = pod.status?.containerStatuses ?? [];
  return containers.length > 0 && containers.every(({ state }) => state?.running !== undefined);
};

/** A struck pod, and what it was like when the fault struck. */
interface StruckPod {
  readonly story: Changing<PodStory>;
  readonly restarts: number;
  readonly hasOwner: boolean;
}

/**
 * Follows in the API what became of the nodes, pods and Services that a fault struck, until all is well again or the run ends.
 * It looks on and changes nothing.
 */
export class ImpactWatch {
  readonly struckAt: Micros;
  readonly isDeadly: boolean;
  readonly #now: () => Micros;
  readonly #willHeal: boolean;
  readonly #nodes = new Map<string, Changing<NodeStory>>();
  /** By uid. */
  readonly #pods = new Map<string, StruckPod>();
  /** Struck pods that left and have no replacement yet, by the uid of their controller, in order of leaving. */
  readonly #unreplaced = new Map<string, Changing<PodStory>[]>();
  /** Stories by the uid of the replacement. */
  readonly #replacements = new Map<string, Changing<PodStory>>();
  /** Uids of struck pods whose containers do not serve, whatever the API says. */
  readonly #dead = new Set<string>();
  readonly #tolerations = new Map<string, number>();
  readonly #services: ServiceWatch;
  readonly #stops: (() => void)[];
  #healedAt: Micros | undefined;

  /** `willHeal`: whether the fault ends by itself. */
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, injection: Injection, willHeal: boolean) {
    this.#cluster = cluster;
    this.#now = () => cluster.simulation.now;
    this.struckAt = this.#now();
    this.isDeadly = injection.isDeadly;
    this.#willHeal = willHeal;
    for (const node of injection.nodes) {
      const renewTime = cluster.get('Lease', `kube-node-lease/${node}`)?.spec.renewTime;
      this.#nodes.set(node, { node, ...(renewTime !== undefined && { lastRenewedAt: renewTime }) });
    }
    this.#beginPods(cluster, injection);
    this.#services = new ServiceWatch(cluster, new Set(this.#pods.keys()), this.#dead, () => this.#rest());
    this.#stops = [
      cluster.watch('Node', { added: () => {}, modified: (node) => this.#onNode(node), deleted: () => {} }),
      cluster.watch('Pod', {
        added: (pod) => this.#onPodAdded(pod),
        modified: (pod) => this.#onPod(pod),
        deleted: (pod) => this.#onPodDeleted(pod),
      }),
    ];
  }

  get healedAt(): Micros | undefined {
    return this.#healedAt;
  }

  get nodes(): readonly NodeStory[] {
    return [...this.#nodes.values()];
  }

  get pods(): readonly PodStory[] {
    return [...this.#pods.values()].map(({ story }) => story);
  }

  get services(): readonly ServiceStory[] {
    return this.#services.stories;
  }

  /** How long the pod tolerated an unreachable node; undefined when it had no limit, or is not one of the struck. */
  tolerationSeconds(pod: string): number | undefined {
    return this.#tolerations.get(pod);
  }

  /** The fault ended. */
  heal(): void {
    this.#healedAt = this.#now();
    this.#rest();
  }

  #beginPods(cluster: Cluster, injection: Injection): void {
    const nodes = new Set(injection.nodes);
    const keys = new Set(injection.pods);
    for (const pod of cluster.list('Pod')) {
      const node = pod.spec.nodeName ?? '';
      const isFinished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
      if (isFinished || !(nodes.has(node) || keys.has(keyOf(pod)))) {
        continue;
      }
      const uid = pod.metadata.uid as string;
      const story = { pod: keyOf(pod), node };
      this.#pods.set(uid, { story, restarts: restartsOf(pod), hasOwner: controllerOf(pod) !== undefined });
      if (injection.isDeadly) {
        this.#dead.add(uid);
      }
      const unreachable = pod.spec.tolerations?.find(({ key }) => key === 'node.kubernetes.io/unreachable');
      if (unreachable?.tolerationSeconds !== undefined) {
        this.#tolerations.set(keyOf(pod), unreachable.tolerationSeconds);
      }
    }
  }

  #onNode(node: Node): void {
    const story = this.#nodes.get(node.metadata.name);
    if (story === undefined) {
      return;
    }
    const ready = conditionOf(node.status?.conditions, 'Ready')?.status;
    if (ready !== 'True') {
      if (story.noticedAt === undefined && ready === 'False') {
        story.isTold = true;
      }
      story.noticedAt ??= this.#now();
    } else if (story.noticedAt !== undefined) {
      story.recoveredAt ??= this.#now();
    }
    if (story.noticedAt !== undefined && node.spec.taints?.some(({ effect }) => effect === 'NoExecute')) {
      story.taintedAt ??= this.#now();
    }
    this.#rest();
  }

  #onPodAdded(pod: Pod): void {
    const owner = controllerOf(pod)?.uid;
    const story = owner === undefined ? undefined : this.#unreplaced.get(owner)?.shift();
    if (story !== undefined) {
      story.replacedBy = keyOf(pod);
      story.replacementCreatedAt = this.#now();
      this.#replacements.set(pod.metadata.uid as string, story);
    }
  }

  #onPod(pod: Pod): void {
    const uid = pod.metadata.uid as string;
    const struck = this.#pods.get(uid);
    if (struck !== undefined) {
      this.#onStruckPod(pod, struck);
    }
    const replaced = this.#replacements.get(uid);
    if (replaced !== undefined) {
      this.#onReplacement(pod, replaced);
    }
  }

  #onStruckPod(pod: Pod, { story, restarts }: StruckPod): void {
    if (story.recoveredAt !== undefined) {
      return; // what happens to it now is not the fault's doing
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#leave(pod, story);
      return;
    }
    if (restartsOf(pod) > restarts && allRun(pod)) {
      story.restartedAt ??= this.#now();
    }
    if (!isReady(pod)) {
      story.notReadyAt ??= this.#now();
    } else if (story.notReadyAt !== undefined) {
      story.recoveredAt = this.#now();
      this.#dead.delete(pod.metadata.uid as string);
      this.#services.judge();
      this.#rest();
    }
  }

  /** A pod that was well goes for another reason: a rollout, a drain. */
  #leave(pod: Pod, story: Changing<PodStory>): void {
    const uid = pod.metadata.uid as string;
    const isStruckNode = this.#nodes.get(story.node)?.noticedAt !== undefined;
    const isUnwell = story.notReadyAt !== undefined || isStruckNode || this.#dead.has(uid);
    if (!isUnwell) {
      this.#pods.delete(uid);
      return;
    }
    if (story.leftAt === undefined) {
      story.leftAt = this.#now();
      const owner = controllerOf(pod)?.uid;
      if (owner !== undefined) {
        this.#unreplaced.set(owner, [...(this.#unreplaced.get(owner) ?? []), story]);
      }
    }
  }

  #onReplacement(pod: Pod, story: Changing<PodStory>): void {
    if (pod.spec.nodeName && story.replacementBoundAt === undefined) {
      story.replacementBoundAt = this.#now();
      story.replacementNode = pod.spec.nodeName;
      const joinedAt = this.#cluster.get('Node', pod.spec.nodeName)?.metadata.creationTimestamp ?? 0;
      if (joinedAt > (story.replacementCreatedAt ?? Number.POSITIVE_INFINITY)) {
        story.replacementNodeJoinedAt = joinedAt;
      }
    }
    if (allRun(pod)) {
      story.replacementStartedAt ??= this.#now();
    }
    if (isReady(pod)) {
      story.replacementReadyAt ??= this.#now();
      this.#rest();
    }
  }

  #onPodDeleted(pod: Pod): void {
    const struck = this.#pods.get(pod.metadata.uid as string);
    if (struck !== undefined && struck.story.recoveredAt === undefined) {
      this.#leave(pod, struck.story);
      struck.story.goneAt ??= this.#now();
    }
  }

  /** Stops looking on once everything that was struck is well or replaced. */
  #rest(): void {
    const isOver = this.#healedAt !== undefined || !this.#willHeal;
    const nodesAreWell = this.nodes.every(({ noticedAt, recoveredAt }) => !this.#willHeal || !noticedAt || recoveredAt);
    if (
      isOver &&
      nodesAreWell &&
      this.#services.areWhole &&
      [...this.#pods].every(([uid, pod]) => this.#isSettled(uid, pod))
    ) {
      this.#services.stop();
      for (const stop of this.#stops.splice(0)) {
        stop();
      }
    }
  }

  #isSettled(uid: string, { story, hasOwner }: StruckPod): boolean {
    if (story.leftAt !== undefined) {
      return !hasOwner || story.replacementReadyAt !== undefined;
    }
    const isUntouched = story.notReadyAt === undefined && !this.#dead.has(uid) && this.#healedAt !== undefined;
    return story.recoveredAt !== undefined || isUntouched;
  }
}
