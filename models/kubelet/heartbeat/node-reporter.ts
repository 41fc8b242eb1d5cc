import type { Simulation } from '../../../engine/index.js';
import { type Node, type NodeCondition, type NodeStatus, withCondition } from '../../api/index.js';
import type { ApiClient, EventRecorder } from '../../client-go/index.js';
import { nodeReference } from '../events.js';
import type { HeartbeatSettings } from './config.js';
import {
  computeNodeStatus,
  isKubeletCondition,
  type NodeEvent,
  type NodeFacts,
  nodeStatusHasChanged,
} from './decisions.js';
import { withRequiredLabels } from './registration.js';

/** A node as its kubelet would have it, beside what it was found to be. */
export interface Computed {
  readonly node: Node;
  readonly hasChanged: boolean;
  readonly events: readonly NodeEvent[];
}

/** Computes the node's status from what the kubelet knows, tells transitions as events, and writes it. */
export class NodeReporter {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #settings: HeartbeatSettings;
  readonly #facts: () => NodeFacts;
  #hasToldReboot = false;
  #wasUnschedulable = false;

  constructor(
    simulation: Simulation,
    client: ApiClient,
    events: EventRecorder,
    settings: HeartbeatSettings,
    facts: () => NodeFacts,
  ) {
    this.#simulation = simulation;
    this.#client = client;
    this.#events = events;
    this.#settings = settings;
    this.#facts = facts;
  }

  /** As updateNode; nothing is told or written yet. `now` is another time only for what would have been computed then. */
  compute(found: Node, now = this.#simulation.now): Computed {
    const facts = this.#facts();
    const { operatingSystem, architecture } = facts.nodeInfo;
    const labelled = withRequiredLabels(found, operatingSystem, architecture);
    const { status, events } = computeNodeStatus(found, facts, this.#settings.nodeStatusMaxImages, now);
    const hasChanged = labelled !== found || nodeStatusHasChanged(found.status ?? {}, status);
    return { node: { ...labelled, status }, hasChanged, events };
  }

  /** Whether computing this at a tick would be told or written. */
  hasNews({ node, hasChanged, events }: Computed): boolean {
    return hasChanged || events.length > 0 || (node.spec.unschedulable ?? false) !== this.#wasUnschedulable;
  }

  /** What the setters say while they compute. */
  tell({ node, events }: Computed): void {
    const regarding = nodeReference(node.metadata.name);
    for (const { type, reason, message } of events) {
      const isReboot = reason === 'Rebooted';
      if (!isReboot || !this.#hasToldReboot || !this.#settings.tellsRebootOnce) {
        this.#hasToldReboot ||= isReboot;
        this.#events.event(regarding, type, reason, message);
      }
    }
    const isUnschedulable = node.spec.unschedulable ?? false;
    if (isUnschedulable !== this.#wasUnschedulable) {
      this.#wasUnschedulable = isUnschedulable;
      const reason = isUnschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable';
      this.#events.event(regarding, 'Normal', reason, `Node ${node.metadata.name} status is now: ${reason}`);
    }
  }

  /** As PatchNodeStatus: what the kubelet owns of the status, over whatever is in force there. */
  patch({ node }: Computed, then: (ok: boolean) => void): void {
    const { labels } = node.metadata;
    const change = (current: Node): Node => ({
      ...current,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, ...labels } },
      status: merged(current.status ?? {}, node.status ?? {}),
    });
    this.#client.patchStatus('Node', node.metadata.name, change, (reply) => then(reply.ok));
  }

  /** The process dies. */
  forget(): void {
    this.#hasToldReboot = false;
    this.#wasUnschedulable = false;
  }
}

/** Lists of conditions are merged by type; all else is the kubelet's own. */
function merged(current: NodeStatus, computed: NodeStatus): NodeStatus {
  const own = (computed.conditions ?? []).filter(isKubeletCondition);
  const conditions = own.reduce<readonly NodeCondition[]>(
    (list, condition) => withCondition(list, condition),
    current.conditions ?? [],
  );
  return { ...computed, conditions };
}
