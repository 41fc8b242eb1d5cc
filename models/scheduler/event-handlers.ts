import type { ObjectKey } from '../../engine/index.js';
import {
  firstUntoleratedTaint,
  type Kinds,
  type KubeObject,
  keyOf,
  type Labels,
  type Node,
  type Pod,
} from '../api/index.js';
import { termMatches } from './framework/affinity-term.js';
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
  /** Lets a pod go that waits at Permit. True when it did. */
  readonly rejectWaitingPod: (pod: Pod) => boolean;
  readonly namespaceLabels: (name: string) => Labels | undefined;
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

  podAdded(pod: Pod, key = keyOf(pod)): void {
    if (isTerminal(pod)) {
      return;
    }
    if (pod.spec.nodeName) {
      this.#addAssigned(pod, key);
    } else if (this.#isOurs(pod)) {
      this.#options.queue.add(pod);
    }
  }

  podUpdated(before: Pod, after: Pod, key = keyOf(after)): void {
    // The scheduler watches pods that are neither Succeeded nor Failed: others look deleted (scheduler.go newPodInformer).
    if (isTerminal(before)) {
      this.podAdded(after, key);
    } else if (isTerminal(after)) {
      this.podDeleted(after, key);
    } else if (before.metadata.uid !== after.metadata.uid) {
      this.podDeleted(before, key);
      this.podAdded(after, key);
    } else if (before.spec.nodeName) {
      this.#updateAssigned(before, after, key);
    } else if (after.spec.nodeName) {
      if (this.#isOurs(before)) {
        this.#options.queue.delete(before);
      }
      this.#addAssigned(after, key);
    } else if (this.#isOurs(before)) {
      this.#updateQueued(before, after);
    }
  }

  podDeleted(pod: Pod, key = keyOf(pod)): void {
    const { cache, queue } = this.#options;
    if (pod.spec.nodeName) {
      cache.removePod(key);
      queue.moveAll(POD_DELETE, pod, undefined);
      return;
    }
    if (!this.#isOurs(pod)) {
      return;
    }
    queue.delete(pod);
    if (this.#options.cache.isAssumed(key)) {
      this.#assumedPodDeleted(pod);
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
    const changes = nodeChanges(before, after);
    // Before there were hints, the first change found spoke for all (1.23 nodeSchedulingPropertiesChange).
    for (const action of this.#options.rules.trustsHints ? changes : changes.slice(0, 1)) {
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

  #addAssigned(pod: Pod, key: ObjectKey): void {
    const { cache, queue, rules } = this.#options;
    cache.addPod(pod, key);
    queue.moveAll(POD_ADD, undefined, pod, rules.trustsHints ? undefined : this.#wantsNearby(pod));
  }

  #updateAssigned(before: Pod, after: Pod, key: ObjectKey): void {
    const { cache, queue, rules } = this.#options;
    cache.updatePod(after, key);
    for (const action of podChanges(before, after)) {
      const event: ClusterEvent = { resource: 'AssignedPod', action };
      queue.moveAll(event, before, after, rules.trustsHints ? undefined : this.#wantsNearby(after));
    }
  }

  #updateQueued(before: Pod, after: Pod): void {
    const { cache, queue } = this.#options;
    if (before.metadata.resourceVersion === after.metadata.resourceVersion) {
      return;
    }
    if (cache.isAssumed(keyOf(after))) {
      if (after.metadata.deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined) {
        this.#assumedPodDeleted(after);
      }
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

  /** The room that was kept for it is free: for the others, as if it had been there. As handleAssumedPodDeletion. */
  #assumedPodDeleted(pod: Pod): void {
    const { cache, queue, rejectWaitingPod } = this.#options;
    const assumed = cache.pod(keyOf(pod));
    // One that waits is forgotten where its binding ends; from later on there is no way back, and it fails by itself.
    if (!rejectWaitingPod(pod)) {
      cache.forgetPod(keyOf(pod));
    }
    queue.moveAll(POD_DELETE, assumed?.pod, undefined);
  }

  /** As getUnschedulablePodsWithMatchingAffinityTerm: only who wants to be near this pod can be helped by it. */
  #wantsNearby({ metadata }: Pod): (waiting: PodInfo) => boolean {
    const namespace = metadata.namespace ?? '';
    const labelsOfNamespace = this.#options.namespaceLabels(namespace) ?? {};
    const other = { namespace, labels: metadata.labels };
    return ({ affinity }) => affinity.requiredAffinity.some((term) => termMatches(term, other, labelsOfNamespace));
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

/** As getLEPriorityPreCheck: a nomination held room against pods of at most its own priority. */
const hasAtMostPriorityOf =
  ({ spec }: Pod) =>
  (pod: PodInfo): boolean =>
    pod.priority <= (spec.priority ?? 0);
