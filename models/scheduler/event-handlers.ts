import { firstUntoleratedTaint, type Kinds, type KubeObject, keyOf, type Node, type Pod } from '../api/index.js';
import type { Cache } from './framework/cache.js';
import type { ClusterEvent, EventAction, EventResource } from './framework/events.js';
import type { ListedKind } from './framework/listers.js';
import type { NodeInfo } from './framework/node-info.js';
import type { PodInfo } from './framework/pod-info.js';
import type { Profile } from './framework/profile.js';
import { nodeChanges, podChanges } from './queue/changes.js';
import type { SchedulingQueue } from './queue/scheduling-queue.js';

export interface EventHandlersOptions {
  readonly cache: Cache;
  readonly queue: SchedulingQueue;
  /** The profile that a pod asks for; undefined when it is for another scheduler. */
  readonly profileOf: (pod: Pod) => Profile | undefined;
  /** A pod that waits at Permit or is being bound was deleted: stop it. True when there was one. */
  readonly rejectWaitingPod: (pod: Pod) => boolean;
  readonly rules: EventRules;
}

/** What differs between versions. */
export interface EventRules {
  /** Every event goes to all plugins that wait for it; before, some were held back here by simple checks. */
  readonly trustsHints: boolean;
}

/** Kinds whose changes may help a waiting pod. */
const RESOURCES: { readonly [K in ListedKind]?: EventResource } = {
  CSIDriver: 'CSIDriver',
  CSINode: 'CSINode',
  CSIStorageCapacity: 'CSIStorageCapacity',
  PersistentVolume: 'PersistentVolume',
  PersistentVolumeClaim: 'PersistentVolumeClaim',
  StorageClass: 'StorageClass',
  VolumeAttachment: 'VolumeAttachment',
};

const POD_ADD: ClusterEvent = { resource: 'AssignedPod', action: 'Add' };
export const POD_DELETE: ClusterEvent = { resource: 'AssignedPod', action: 'Delete' };
const NODE_ADD: ClusterEvent = { resource: 'Node', action: 'Add' };
const NODE_DELETE: ClusterEvent = { resource: 'Node', action: 'Delete' };

/** What the informers tell, brought to the cache and the queue. As pkg/scheduler/eventhandlers.go. */
export class EventHandlers {
  readonly #options: EventHandlersOptions;

  constructor(options: EventHandlersOptions) {
    this.#options = options;
  }

  podAdded(pod: Pod): void {
    if (isTerminal(pod)) {
      return;
    }
    if (pod.spec.nodeName) {
      this.#addAssigned(pod);
    } else if (this.#isOurs(pod)) {
      this.#options.queue.add(pod);
    }
  }

  podUpdated(before: Pod, after: Pod): void {
    // The scheduler watches pods that are neither Succeeded nor Failed: others look deleted (scheduler.go newPodInformer).
    if (isTerminal(before)) {
      this.podAdded(after);
    } else if (isTerminal(after)) {
      this.podDeleted(after);
    } else if (before.metadata.uid !== after.metadata.uid) {
      this.podDeleted(before);
      this.podAdded(after);
    } else if (before.spec.nodeName) {
      this.#updateAssigned(before, after);
    } else if (after.spec.nodeName) {
      if (this.#isOurs(before)) {
        this.#options.queue.delete(before);
      }
      this.#addAssigned(after);
    } else if (this.#isOurs(before)) {
      this.#updateQueued(before, after);
    }
  }

  podDeleted(pod: Pod): void {
    const { cache, queue } = this.#options;
    if (pod.spec.nodeName) {
      cache.removePod(keyOf(pod));
      queue.moveAll(POD_DELETE, pod, undefined);
      return;
    }
    if (!this.#isOurs(pod)) {
      return;
    }
    queue.delete(pod);
    if (this.#options.rejectWaitingPod(pod)) {
      queue.moveAll(POD_DELETE, pod, undefined);
    } else if (pod.status?.nominatedNodeName) {
      queue.moveAll(POD_DELETE, pod, undefined, hasAtMostPriorityOf(pod));
    }
  }

  nodeAdded(node: Node): void {
    this.#options.cache.addNode(node);
    this.#options.queue.moveAll(NODE_ADD, undefined, node, this.#mayFit(node));
  }

  nodeUpdated(before: Node, after: Node): void {
    this.#options.cache.addNode(after);
    for (const action of nodeChanges(before, after)) {
      this.#options.queue.moveAll({ resource: 'Node', action }, before, after, this.#mayFit(after));
    }
  }

  /** The node's status reports began or ceased to be left out. */
  nodeReportsChanged(name: string): void {
    this.#options.cache.reportsChanged(name);
  }

  nodeDeleted(node: Node): void {
    this.#options.queue.moveAll(NODE_DELETE, node, undefined);
    this.#options.cache.removeNode(node.metadata.name);
  }

  /** Any other object that plugins look at. */
  objectChanged<K extends ListedKind>(kind: K, before: Kinds[K] | undefined, after: Kinds[K] | undefined): void {
    const resource = RESOURCES[kind];
    if (resource !== undefined) {
      const action: EventAction = before === undefined ? 'Add' : after === undefined ? 'Delete' : 'Update';
      this.#options.queue.moveAll({ resource, action }, before as KubeObject, after as KubeObject);
    }
  }

  #isOurs(pod: Pod): boolean {
    return this.#options.profileOf(pod) !== undefined;
  }

  #addAssigned(pod: Pod): void {
    const { cache, queue, rules } = this.#options;
    cache.addPod(pod);
    queue.moveAll(POD_ADD, undefined, pod, rules.trustsHints ? undefined : (waiting) => wantsNearby(waiting));
  }

  #updateAssigned(before: Pod, after: Pod): void {
    const { cache, queue, rules } = this.#options;
    cache.updatePod(after);
    for (const action of podChanges(before, after)) {
      const event: ClusterEvent = { resource: 'AssignedPod', action };
      queue.moveAll(event, before, after, rules.trustsHints ? undefined : (waiting) => wantsNearby(waiting));
    }
  }

  #updateQueued(before: Pod, after: Pod): void {
    const { cache, queue } = this.#options;
    if (before.metadata.resourceVersion === after.metadata.resourceVersion || cache.isAssumed(keyOf(after))) {
      return;
    }
    for (const action of podChanges(before, after)) {
      if (action !== 'Update') {
        queue.moveAll({ resource: 'UnscheduledPod', action }, before, after);
      }
    }
    queue.update(before, after);
    const nominated = before.status?.nominatedNodeName;
    if (nominated && nominated !== after.status?.nominatedNodeName) {
      queue.moveAll(POD_DELETE, before, undefined, hasAtMostPriorityOf(before));
    }
  }

  /** Without hints a node event moves only pods that pass the node's simplest filters. As preCheckForNode. */
  #mayFit(node: Node): ((pod: PodInfo) => boolean) | undefined {
    const { rules, cache, profileOf } = this.#options;
    const info = rules.trustsHints ? undefined : cache.node(node.metadata.name);
    return info && ((pod) => passesSimpleFilters(profileOf(pod.pod), pod, info));
  }
}

/** Filters that look at nothing but the node and the pod. */
const SIMPLE_FILTERS: ReadonlySet<string> = new Set(['NodeAffinity', 'NodeName', 'NodePorts', 'NodeResourcesFit']);

function passesSimpleFilters(profile: Profile | undefined, pod: PodInfo, node: NodeInfo): boolean {
  const snapshot = { nodes: [node], podsWithRequiredAntiAffinity: 0, get: () => node };
  for (const plugin of profile?.at('filter') ?? []) {
    const result = SIMPLE_FILTERS.has(plugin.name) ? plugin.preFilter?.(pod, snapshot) : undefined;
    if (result === undefined || 'skip' in result) {
      continue;
    }
    if ('status' in result || plugin.filter?.(pod, node, result.state) !== undefined) {
      return false;
    }
  }
  return firstUntoleratedTaint(node.node.spec?.taints, pod.pod.spec.tolerations, ['NoSchedule']) === undefined;
}

const isTerminal = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** As getUnschedulablePodsWithMatchingAffinityTerm: only who wants to be near others can be helped by a pod that comes. */
const wantsNearby = ({ affinity }: PodInfo): boolean => affinity.requiredAffinity.length > 0;

/** As getLEPriorityPreCheck: a nomination held room against pods of at most its own priority. */
const hasAtMostPriorityOf =
  ({ spec }: Pod) =>
  (pod: PodInfo): boolean =>
    pod.priority <= (spec.priority ?? 0);
