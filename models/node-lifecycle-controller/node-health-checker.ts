import type { ObjectKey, Simulation } from '../../engine/index.js';
import type { Lease, Node } from '../api/index.js';
import type { ApiClient, Informer } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import {
  gracePeriodOf,
  isStale,
  type NodeHealth,
  type ReadyStatus,
  readyStatusOf,
  silentConditions,
} from './decisions.js';
import type { DetectionMarks } from './detection-marks.js';
import type { NodeHealthRecords } from './node-health-records.js';

export interface NodeHealthCheckerOptions {
  readonly simulation: Simulation;
  readonly config: NodeLifecycleConfiguration;
  readonly client: ApiClient;
  readonly leases: Informer<Lease>;
  readonly records: NodeHealthRecords;
  readonly marks: DetectionMarks;
}

/** What looking at one node came to. */
export interface Looked {
  readonly node: Node;
  readonly health: NodeHealth;
  /** The Ready status before the look; a node without Ready condition counts as Unknown. */
  readonly observed: string;
  readonly current: ReadyStatus;
}

/** Undefined when the node has to be skipped this time. */
type ThenLooked = (looked: Looked | undefined) => void;

/** Looks for signs of life of one node and marks it Unknown when there were none for too long. As tryUpdateNodeHealth. */
export class NodeHealthChecker {
  readonly #options: NodeHealthCheckerOptions;
  /** A Lease that the server has in a later version than the cache: nobody is judged until the cache has it. */
  #awaitedLease: { readonly key: ObjectKey; readonly version: number } | undefined;
  #isStopped = false;

  constructor(options: NodeHealthCheckerOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** With its retries (PollImmediate in monitorNodeHealth). */
  look(node: Node, then: ThenLooked): void {
    this.#try(node, 1, then);
  }

  /** The circuit breaker is open: as long as the cache lags behind the server no Lease in it can be trusted. */
  get isBlocked(): boolean {
    if (this.#awaitedLease === undefined) {
      return false;
    }
    const { key, version } = this.#awaitedLease;
    const cached = this.#options.leases.get(key);
    if (cached === undefined || Number(cached.metadata.resourceVersion) >= version) {
      this.#awaitedLease = undefined;
    }
    return this.#awaitedLease !== undefined;
  }

  #try(node: Node, attempt: number, then: ThenLooked): void {
    if (this.isBlocked) {
      then(undefined);
      return;
    }
    const { simulation, config, leases, records } = this.#options;
    const before = readyStatusOf({ status: { conditions: records.get(node.metadata.name)?.health?.conditions } });
    const health = records.observe(node, leases.get(leaseKey(node)), simulation.now);
    const current = readyStatusOf(node);
    if (before !== undefined && before !== current && (current === 'True' || current === 'False')) {
      this.#options.marks.told(node, current === 'True');
    }
    if (!isStale(health, gracePeriodOf(node, config), simulation.now)) {
      then({ node, health, observed: current ?? 'Unknown', current });
    } else if (config.leaseCircuitBreaker) {
      const markOrSkip = (isSilent: boolean): void =>
        isSilent ? this.#markSilent(node, health, attempt, then) : then(undefined);
      this.#askForLease(node, health, markOrSkip);
    } else {
      this.#markSilent(node, health, attempt, then);
    }
  }

  /** Whether the server, too, has no later version of the Lease. If it has, the cache lags and nobody can be judged. */
  #askForLease(node: Node, health: NodeHealth, then: (isSilent: boolean) => void): void {
    const key = leaseKey(node);
    this.#options.client.get('Lease', key, (reply) => {
      if (!reply.ok) {
        then(reply.error.reason === 'NotFound');
        return;
      }
      // There, resourceVersions are compared; here a renewal that was computed has none of its own.
      const isKnown = reply.object.spec.renewTime === health.lease?.spec.renewTime;
      if (!isKnown) {
        this.#awaitedLease = { key, version: Number(reply.object.metadata.resourceVersion) };
      }
      then(isKnown);
    });
  }

  #markSilent(node: Node, health: NodeHealth, attempt: number, then: ThenLooked): void {
    const { simulation, client, leases, records, marks } = this.#options;
    const observed = readyStatusOf(node);
    if (observed === 'Unknown') {
      then({ node, health, observed, current: observed });
      return;
    }
    const lease = leases.get(leaseKey(node));
    const silent: Node = { ...node, status: { ...node.status, conditions: silentConditions(node, simulation.now) } };
    client.updateStatus('Node', silent, (reply) => {
      if (!reply.ok) {
        this.#tryAgain(node, attempt, then);
        return;
      }
      const conditions = silent.status?.conditions ?? [];
      const marked = { ...health, conditions, readyTransitionTimestamp: simulation.now, lease };
      records.of(node.metadata.name).health = marked;
      marks.unknown(node, health, lease);
      then({ node: silent, health: marked, observed: observed ?? 'Unknown', current: 'Unknown' });
    });
  }

  #tryAgain(node: Node, attempt: number, then: ThenLooked): void {
    const { simulation, client, config } = this.#options;
    client.get('Node', node.metadata.name, (read) => {
      if (!read.ok || attempt >= config.nodeHealthUpdateRetry) {
        then(undefined);
        return;
      }
      simulation.after(config.retrySleepTime, () => {
        if (!this.#isStopped) {
          this.#try(read.object, attempt + 1, then);
        }
      });
    });
  }
}

const leaseKey = (node: Node): ObjectKey => `kube-node-lease/${node.metadata.name}`;
