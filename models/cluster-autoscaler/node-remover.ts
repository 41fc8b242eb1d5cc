import { type Micros, type Simulation, seconds, toSeconds } from '../../engine/index.js';
import { isBeingDeleted, isPodTerminal, keyOf, type Node, type Pod } from '../api/index.js';
import type { ApiClient, EventRecorder, Informer } from '../client-go/index.js';
import type { ScaleDownConfiguration } from './config.js';
import { type Drainability, TO_BE_DELETED_TAINT, withoutTaint, withTaint } from './decisions.js';
import type { Removal } from './scale-down.js';

export interface NodeRemoverOptions {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly pods: Informer<Pod>;
  readonly config: ScaleDownConfiguration;
  /** Wall-clock seconds of now: the taint's value. */
  readonly unixTime: () => number;
  /** What is on the node now, and whether it may move. */
  readonly drainability: (node: string) => Drainability;
  /** The one failure that --scale-down-delay-after-failure counts from: StartDeletion tells of no other. */
  readonly onMarkFailed: () => void;
  readonly onEnd: (removal: Removal, error: string | undefined) => void;
}

/** waitForDisappearance (core/scaledown/actuation/drain.go) looks every so often whether the evicted pods are gone. */
const POLL: Micros = seconds(5);

/**
 * Takes nodes away: taint, wait, evict, wait until the pods are gone, and tell the cloud. As Actuator, Evictor and
 * NodeDeletionBatcher (autoscaler cluster-autoscaler/core/scaledown/actuation).
 */
export class NodeRemover {
  readonly #options: NodeRemoverOptions;
  readonly #leaving = new Map<string, Removal>();

  constructor(options: NodeRemoverOptions) {
    this.#options = options;
  }

  isLeaving(node: string): boolean {
    return this.#leaving.has(node);
  }

  get leaving(): readonly Removal[] {
    return [...this.#leaving.values()];
  }

  stop(): void {
    this.#leaving.clear();
  }

  remove(removal: Removal): void {
    const { client, config, events } = this.#options;
    const { name } = removal.node.metadata;
    this.#leaving.set(name, removal);
    client.patch(
      'Node',
      name,
      (node) => this.#marked(node),
      (reply) => {
        if (!reply.ok) {
          this.#options.onMarkFailed();
          this.#end(removal, `failed to mark the node: ${reply.error.message}`);
          return;
        }
        events.event(reply.object, 'Normal', 'ScaleDown', 'marked the node as toBeDeleted/unschedulable');
        this.#after(removal, config.deleteDelayAfterTaint, () => this.#drain(removal));
      },
    );
  }

  /** Takes the mark off a node, also one that an earlier life of the process put there. As taints.CleanToBeDeleted. */
  unmark(node: string): void {
    const { client, config } = this.#options;
    const unmarked = (current: Node): Node => {
      const { spec, ...rest } = withoutTaint(current, TO_BE_DELETED_TAINT);
      return { ...rest, spec: config.cordons ? { ...spec, unschedulable: false } : spec };
    };
    client.patch('Node', node, unmarked, () => {});
  }

  #marked(node: Node): Node {
    const value = String(this.#options.unixTime());
    const marked = withTaint(node, { key: TO_BE_DELETED_TAINT, value, effect: 'NoSchedule' });
    return this.#options.config.cordons ? { ...marked, spec: { ...marked.spec, unschedulable: true } } : marked;
  }

  /** Pods came and budgets changed since the decision: it is looked at again. */
  #drain(removal: Removal): void {
    const { config, drainability } = this.#options;
    const verdict = drainability(removal.node.metadata.name);
    if (!verdict.isDrainable) {
      this.#end(removal, `failed to get pods to move on node ${removal.node.metadata.name}: ${verdict.reason}`);
      return;
    }
    const { pods, daemonSetPods } = verdict;
    if (removal.isEmpty && pods.length > 0) {
      this.#end(removal, `failed to delete empty node: it holds ${pods.length} pods now`);
      return;
    }
    if (!removal.isEmpty && config.evictsDaemonSetPods) {
      for (const pod of daemonSetPods) {
        this.#evict(removal, pod, this.#options.simulation.now, () => {});
      }
    }
    this.#evictAll(removal, pods);
  }

  #evictAll(removal: Removal, pods: readonly Pod[]): void {
    const { config, simulation } = this.#options;
    const until = simulation.now + config.maxPodEvictionTime;
    let open = pods.length;
    const failures: string[] = [];
    const concluded = (): void => {
      if (failures.length > 0) {
        this.#end(removal, `failed to evict pods: ${failures.join(', ')}`);
      } else {
        this.#awaitEnd(removal, pods, simulation.now + config.maxGracefulTermination + config.evictionHeadroom);
      }
    };
    if (open === 0) {
      this.#delete(removal);
    }
    for (const pod of pods) {
      this.#options.events.event(pod, 'Normal', 'ScaleDown', 'deleting pod for node scale down');
      this.#evict(removal, pod, until, (error) => {
        failures.push(...(error === undefined ? [] : [error]));
        if (--open === 0) {
          concluded();
        }
      });
    }
  }

  /** Tried again until the time is over: a budget may let it go later. */
  #evict(removal: Removal, pod: Pod, until: Micros, then: (error: string | undefined) => void): void {
    const { client, config, simulation } = this.#options;
    const own = pod.spec.terminationGracePeriodSeconds ?? 30;
    const gracePeriodSeconds = Math.min(own, toSeconds(config.maxGracefulTermination));
    client.evict(keyOf(pod), { gracePeriodSeconds }, (reply) => {
      if (reply.ok || reply.error.reason === 'NotFound') {
        then(undefined);
      } else if (simulation.now + config.evictionRetry < until) {
        this.#after(removal, config.evictionRetry, () => this.#evict(removal, pod, until, then));
      } else {
        this.#options.events.event(pod, 'Warning', 'ScaleDownFailed', 'failed to delete pod for ScaleDown');
        then(`${keyOf(pod)}: ${reply.error.message}`);
      }
    });
  }

  #awaitEnd(removal: Removal, pods: readonly Pod[], until: Micros): void {
    const { name } = removal.node.metadata;
    const left = pods.filter((pod) => {
      const current = this.#options.pods.get(keyOf(pod));
      return current !== undefined && current.metadata.uid === pod.metadata.uid && current.spec.nodeName === name;
    });
    const running = left.filter((pod) => !isPodTerminal(pod) || isBeingDeleted(pod));
    if (running.length === 0) {
      this.#delete(removal);
    } else if (this.#options.simulation.now >= until) {
      this.#end(removal, `pods remaining after timeout: ${running.map(keyOf).join(', ')}`);
    } else {
      this.#after(removal, POLL, () => this.#awaitEnd(removal, pods, until));
    }
  }

  #delete(removal: Removal): void {
    removal.group.deleteNodes([removal.node.metadata.name]);
    this.#options.events.event(removal.node, 'Normal', 'ScaleDown', 'node removed by cluster autoscaler');
    this.#end(removal, undefined);
  }

  #end(removal: Removal, error: string | undefined): void {
    const { events, onEnd } = this.#options;
    const { name } = removal.node.metadata;
    this.#leaving.delete(name);
    if (error !== undefined) {
      events.event(removal.node, 'Warning', 'ScaleDownFailed', `failed to delete the node: ${error}`);
      this.unmark(name);
    }
    onEnd(removal, error);
  }

  /** Goes on with the removal, unless it has ended by then. */
  #after(removal: Removal, delay: Micros, action: () => void): void {
    this.#options.simulation.after(delay, () => {
      if (this.#leaving.get(removal.node.metadata.name) === removal) {
        action();
      }
    });
  }
}
