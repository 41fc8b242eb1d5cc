import type { Micros, Simulation } from '../../engine/index.js';
import { type DaemonSet, keyOf, matchesLabelSelector, type Node, type Pod, zoneKeyOf } from '../api/index.js';
import type { ApiClient, EventRecorder, Informer } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import { type NodeHealth, type ReadyStatus, readyStatusOf } from './decisions.js';
import type { Evictor } from './evictor.js';
import { ZoneQueues } from './zone-queues.js';

const NODE_LOST = 'NodeLost';

export interface PodDeletingEvictorOptions {
  readonly simulation: Simulation;
  readonly config: NodeLifecycleConfiguration;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly daemonSets: Informer<DaemonSet>;
  readonly firstTick: Micros;
  readonly elides: boolean;
}

/**
 * [23] without taint manager: once a node has been unready for podEvictionTimeout, and its zone's rate allows, this controller
 * itself deletes the node's pods, those of DaemonSets excepted. As processNoTaintBaseEviction and doEvictionPass.
 */
export class PodDeletingEvictor implements Evictor {
  readonly #options: PodDeletingEvictorOptions;
  readonly #queues: ZoneQueues;
  /** Nodes whose pods were deleted once: what is bound to them later goes at once. */
  readonly #evicted = new Set<string>();

  constructor(options: PodDeletingEvictorOptions) {
    this.#options = options;
    const process = (node: string, done: (outcome: 'done' | { retryAfter: Micros }) => void): void =>
      this.#deletePods(node, this.#podsOn(node), (ok) => {
        if (ok && options.nodes.get(node) !== undefined) {
          this.#evicted.add(node);
        }
        done(ok ? 'done' : { retryAfter: 0 });
      });
    this.#queues = new ZoneQueues({ ...options, process });
  }

  openZone(zone: string): void {
    this.#queues.open(zone);
  }

  /** As cancelPodEviction. */
  release(node: Node, done: () => void): void {
    this.#evicted.delete(node.metadata.name);
    this.#queues.remove(zoneKeyOf(node), node.metadata.name);
    done();
  }

  judge(node: Node, ready: ReadyStatus, health: NodeHealth, done: () => void): void {
    this.#judge(node, this.#podsOn(node.metadata.name), ready, health, () => done());
  }

  judgeLateBound(pod: Pod, node: () => Node, health: NodeHealth, then: (ok: boolean) => void): void {
    this.#judge(node(), [pod], readyStatusOf({ status: { conditions: health.conditions } }), health, then);
  }

  swapLimiter(zone: string, rate: number): void {
    this.#queues.swapLimiter(zone, rate);
  }

  looksAgainAt(node: Node, health: NodeHealth): Micros {
    const ready = readyStatusOf(node);
    return ready === 'True' || ready === undefined ? Number.POSITIVE_INFINITY : this.#dueAfter(ready, health) + 1;
  }

  stop(): void {
    this.#queues.stop();
  }

  #judge(node: Node, pods: readonly Pod[], ready: ReadyStatus, health: NodeHealth, then: (ok: boolean) => void): void {
    const { name } = node.metadata;
    if (ready === 'True') {
      this.release(node, () => then(true));
    } else if (ready === undefined || this.#options.simulation.now <= this.#dueAfter(ready, health)) {
      then(true);
    } else if (this.#evicted.has(name)) {
      this.#deletePods(name, pods, then);
    } else {
      this.#queues.add(zoneKeyOf(node), name);
      then(true);
    }
  }

  #dueAfter(ready: ReadyStatus, health: NodeHealth): Micros {
    const since = ready === 'Unknown' ? health.probeTimestamp : health.readyTransitionTimestamp;
    return since + this.#options.config.podEvictionTimeout;
  }

  #podsOn(node: string): readonly Pod[] {
    return [...this.#options.pods.byIndex('node', node)];
  }

  /** As DeletePods (pkg/controller/util/node): one after the other; a pod whose status is stale is left for the next time. */
  #deletePods(node: string, pods: readonly Pod[], then: (ok: boolean) => void): void {
    if (pods.length > 0) {
      const about = this.#options.nodes.get(node) ?? { apiVersion: 'v1', kind: 'Node', name: node };
      const message = `Node ${node} event: Deleting all Pods from Node ${node}.`;
      this.#options.events.event(about, 'Normal', 'DeletingAllPods', message);
    }
    this.#deleteFrom(node, pods, true, then);
  }

  #deleteFrom(node: string, [pod, ...rest]: readonly Pod[], ok: boolean, then: (ok: boolean) => void): void {
    if (pod === undefined) {
      then(ok);
      return;
    }
    this.#setTerminationReason(node, pod, (isStale) => {
      if (isStale || pod.metadata.deletionGracePeriodSeconds !== undefined || this.#isOfDaemonSet(pod)) {
        this.#deleteFrom(node, rest, ok && !isStale, then);
        return;
      }
      const message = `Marking for deletion Pod ${pod.metadata.name} from Node ${node}`;
      this.#options.events.event(pod, 'Normal', 'NodeControllerEviction', message);
      this.#options.client.delete('Pod', keyOf(pod), {}, (reply) => {
        if (reply.ok || reply.error.reason === 'NotFound') {
          this.#deleteFrom(node, rest, ok, then);
        } else {
          then(false);
        }
      });
    });
  }

  /** As SetPodTerminationReason. */
  #setTerminationReason(node: string, pod: Pod, then: (isStale: boolean) => void): void {
    if (pod.status?.reason === NODE_LOST) {
      then(false);
      return;
    }
    const message = `Node ${node} which was running pod ${pod.metadata.name} is unresponsive`;
    const lost: Pod = { ...pod, status: { ...pod.status, reason: NODE_LOST, message } };
    this.#options.client.updateStatus('Pod', lost, (reply) => then(!reply.ok && reply.error.reason === 'Conflict'));
  }

  #isOfDaemonSet(pod: Pod): boolean {
    return [...this.#options.daemonSets.byIndex('namespace', pod.metadata.namespace ?? '')].some((daemonSet) =>
      matchesLabelSelector(daemonSet.spec?.selector, pod.metadata.labels ?? {}),
    );
  }
}
