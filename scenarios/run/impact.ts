import type { Micros } from '../../engine/index.js';
import { conditionOf, controllerOf, type EndpointSlice, keyOf, type Node, type Pod } from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';
import type { Injection } from '../faults/fault.js';
import type { NodeStory, PodStory, ServiceStory } from './story.js';

type Changing<T> = { -readonly [K in keyof T]: T[K] };

const isReady = (pod: Pod): boolean => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';

/** Follows in the API what became of the nodes, pods and Services that a fault struck. It looks on and changes nothing. */
export class ImpactWatch {
  readonly #now: () => Micros;
  readonly #cluster: Cluster;
  readonly #struckAt: Micros;
  readonly isDeadly: boolean;
  readonly #nodes = new Map<string, Changing<NodeStory>>();
  /** By uid. */
  readonly #pods = new Map<string, Changing<PodStory>>();
  /** Struck pods without a replacement yet, by the uid of their controller, in order of leaving. */
  readonly #unreplaced = new Map<string, Changing<PodStory>[]>();
  /** Stories by the uid of the replacement. */
  readonly #replacements = new Map<string, Changing<PodStory>>();
  /** Uids of struck pods whose containers do not serve, whatever the API says. */
  readonly #dead = new Set<string>();
  readonly #tolerations = new Map<string, number>();
  readonly #services = new Map<string, Changing<ServiceStory>>();
  readonly #slices = new Map<string, EndpointSlice>();

  constructor(cluster: Cluster, injection: Injection) {
    this.#cluster = cluster;
    this.#now = () => cluster.simulation.now;
    this.#struckAt = this.#now();
    this.isDeadly = injection.isDeadly;
    this.#beginNodes(injection.nodes);
    this.#beginPods(injection);
    this.#beginServices();
    cluster.watch('Node', { added: () => {}, modified: (node) => this.#onNode(node), deleted: () => {} });
    cluster.watch('Pod', {
      added: (pod) => this.#onPodAdded(pod),
      modified: (pod) => this.#onPod(pod),
      deleted: (pod) => this.#onPodDeleted(pod),
    });
    cluster.watch('EndpointSlice', {
      added: (slice) => this.#onSlice(slice),
      modified: (slice) => this.#onSlice(slice),
      deleted: (slice) => this.#onSliceDeleted(slice),
    });
  }

  get struckAt(): Micros {
    return this.#struckAt;
  }

  get nodes(): readonly NodeStory[] {
    return [...this.#nodes.values()];
  }

  get pods(): readonly PodStory[] {
    return [...this.#pods.values()];
  }

  get services(): readonly ServiceStory[] {
    return [...this.#services.values()];
  }

  /** How long the pod tolerated an unreachable node; undefined when it had no limit, or is not one of the struck. */
  tolerationSeconds(pod: string): number | undefined {
    return this.#tolerations.get(pod);
  }

  #beginNodes(names: readonly string[]): void {
    for (const node of names) {
      const renewTime = this.#cluster.get('Lease', `kube-node-lease/${node}`)?.spec.renewTime;
      this.#nodes.set(node, { node, ...(renewTime !== undefined && { lastRenewedAt: renewTime }) });
    }
  }

  #beginPods(injection: Injection): void {
    const nodes = new Set(injection.nodes);
    const keys = new Set(injection.pods);
    for (const pod of this.#cluster.list('Pod')) {
      const node = pod.spec.nodeName ?? '';
      if (nodes.has(node) || keys.has(keyOf(pod))) {
        const uid = pod.metadata.uid as string;
        this.#pods.set(uid, { pod: keyOf(pod), node });
        const unreachable = pod.spec.tolerations?.find(({ key }) => key === 'node.kubernetes.io/unreachable');
        if (unreachable?.tolerationSeconds !== undefined) {
          this.#tolerations.set(keyOf(pod), unreachable.tolerationSeconds);
        }
        if (injection.isDeadly) {
          this.#dead.add(uid);
        }
      }
    }
  }

  #beginServices(): void {
    for (const slice of this.#cluster.list('EndpointSlice')) {
      this.#slices.set(keyOf(slice), slice);
    }
    for (const [service, ready] of this.#readyByService(() => true)) {
      const struck = [...ready].some((uid) => this.#pods.has(uid));
      if (struck) {
        this.#services.set(service, { service, before: ready.size, lowest: ready.size });
      }
    }
    this.#judgeServices();
  }

  /** Uids of the pods behind each Service's ready endpoints. */
  #readyByService(counts: (uid: string) => boolean): ReadonlyMap<string, ReadonlySet<string>> {
    const found = new Map<string, Set<string>>();
    for (const slice of this.#slices.values()) {
      const name = slice.metadata.labels?.['kubernetes.io/service-name'];
      if (name === undefined) {
        continue;
      }
      const service = `${slice.metadata.namespace}/${name}`;
      const ready = found.get(service) ?? new Set<string>();
      found.set(service, ready);
      for (const { conditions, targetRef } of slice.endpoints ?? []) {
        const uid = targetRef?.uid;
        if (uid !== undefined && conditions?.ready !== false && counts(uid)) {
          ready.add(uid);
        }
      }
    }
    return found;
  }

  #judgeServices(): void {
    if (this.#services.size === 0) {
      return;
    }
    const alive = this.#readyByService((uid) => !this.#dead.has(uid));
    for (const [name, story] of this.#services) {
      const count = alive.get(name)?.size ?? 0;
      story.lowest = Math.min(story.lowest, count);
      if (count < story.before) {
        story.brokenAt ??= this.#now();
        delete story.wholeAt;
      } else if (story.brokenAt !== undefined) {
        story.wholeAt ??= this.#now();
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
      story.noticedAt ??= this.#now();
    } else if (story.noticedAt !== undefined) {
      story.recoveredAt ??= this.#now();
    }
    if (node.spec.taints?.some(({ effect }) => effect === 'NoExecute')) {
      story.taintedAt ??= this.#now();
    }
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

  #onStruckPod(pod: Pod, story: Changing<PodStory>): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#leave(pod, story);
    } else if (!isReady(pod)) {
      story.notReadyAt ??= this.#now();
    } else if (story.notReadyAt !== undefined) {
      story.recoveredAt ??= this.#now();
      if (this.#dead.delete(pod.metadata.uid as string)) {
        this.#judgeServices();
      }
    }
  }

  #leave(pod: Pod, story: Changing<PodStory>): void {
    const owner = controllerOf(pod)?.uid;
    if (story.leftAt === undefined) {
      story.leftAt = this.#now();
      if (owner !== undefined) {
        this.#unreplaced.set(owner, [...(this.#unreplaced.get(owner) ?? []), story]);
      }
    }
  }

  #onReplacement(pod: Pod, story: Changing<PodStory>): void {
    if (pod.spec.nodeName && story.replacementBoundAt === undefined) {
      story.replacementBoundAt = this.#now();
      story.replacementNode = pod.spec.nodeName;
    }
    const containers = pod.status?.containerStatuses ?? [];
    if (containers.length > 0 && containers.every(({ state }) => state?.running !== undefined)) {
      story.replacementStartedAt ??= this.#now();
    }
    if (isReady(pod)) {
      story.replacementReadyAt ??= this.#now();
    }
  }

  #onPodDeleted(pod: Pod): void {
    const story = this.#pods.get(pod.metadata.uid as string);
    if (story !== undefined) {
      this.#leave(pod, story);
      story.goneAt ??= this.#now();
    }
  }

  #onSlice(slice: EndpointSlice): void {
    this.#slices.set(keyOf(slice), slice);
    this.#judgeServices();
  }

  #onSliceDeleted(slice: EndpointSlice): void {
    this.#slices.delete(keyOf(slice));
    this.#judgeServices();
  }
}
