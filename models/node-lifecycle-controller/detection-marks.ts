import type { Micros, Simulation, Timeline } from '../../engine/index.js';
import { conditionOf, type Lease, type Node } from '../api/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import type { NodeHealth } from './decisions.js';
import type { DetectionMark, Mark } from './timelines.js';

const GRACE_PERIOD = 'node-monitor-grace-period';
const STARTUP_GRACE_PERIOD = 'node-startup-grace-period';
const MONITOR_PERIOD = 'node-monitor-period';
const EVICTION_RATE = 'node-eviction-rate';

/** Tells, step by step, how this controller came to its view of a node, and which setting each step is owed to. */
export class DetectionMarks {
  readonly #simulation: Simulation;
  readonly #config: NodeLifecycleConfiguration;
  readonly #timeline: Timeline<DetectionMark> | undefined;
  /** Nodes that wait for their NoExecute taint. */
  readonly #queued = new Set<string>();

  constructor(
    simulation: Simulation,
    config: NodeLifecycleConfiguration,
    timeline: Timeline<DetectionMark> | undefined,
  ) {
    this.#simulation = simulation;
    this.#config = config;
    this.#timeline = timeline;
  }

  /** The node is marked Unknown now. */
  unknown(node: Node, health: NodeHealth, lease: Lease | undefined): void {
    const heartbeat = conditionOf(health.conditions, 'Ready')?.lastHeartbeatTime;
    const hasStatus = heartbeat !== undefined;
    const grace = hasStatus ? this.#config.nodeMonitorGracePeriod : this.#config.nodeStartupGracePeriod;
    const lastPosted = heartbeat ?? node.metadata.creationTimestamp ?? 0;
    const lastRenewal = Math.max(lastPosted, lease?.spec.renewTime ?? lastPosted);
    this.#mark(node, 'lastRenewal', lastRenewal, '');
    this.#mark(node, 'lastSeen', health.probeTimestamp, MONITOR_PERIOD);
    this.#mark(node, 'graceExpired', health.probeTimestamp + grace, hasStatus ? GRACE_PERIOD : STARTUP_GRACE_PERIOD);
    this.#mark(node, 'unknown', this.#simulation.now, MONITOR_PERIOD);
  }

  /** A pass sees for the first time what the kubelet itself says: ready or not. */
  told(node: Node, isReady: boolean): void {
    this.#mark(node, isReady ? 'readySeen' : 'notReadySeen', this.#simulation.now, MONITOR_PERIOD);
  }

  queued(node: Node): void {
    if (!this.#queued.has(node.metadata.name)) {
      this.#queued.add(node.metadata.name);
      this.#mark(node, 'queued', this.#simulation.now, MONITOR_PERIOD);
    }
  }

  tainted(node: Node): void {
    this.#queued.delete(node.metadata.name);
    this.#mark(node, 'noExecuteTaint', this.#simulation.now, EVICTION_RATE);
  }

  /** The node waits no longer; `wasTainted` says that its taint has just been taken off. */
  released(node: Node, wasTainted: boolean): void {
    this.#queued.delete(node.metadata.name);
    if (wasTainted) {
      this.#mark(node, 'untainted', this.#simulation.now, '');
    }
  }

  #mark(node: Node, mark: Mark, instant: Micros, owner: string): void {
    this.#timeline?.append({ node: node.metadata.name, mark, instant: instant, owner });
  }
}
