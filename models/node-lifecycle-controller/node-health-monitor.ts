import type { EventHandle, Micros, RandomStream, Simulation, Timeline } from '../../engine/index.js';
import { type Lease, type Node, type Pod, zoneKeyOf } from '../api/index.js';
import { type ApiClient, type EventRecorder, type Informer, inParallel, type LoopGrid } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import {
  type DisruptionDecision,
  decideDisruption,
  gracePeriodOf,
  isExcludedFromDisruption,
  isStale,
  type NodeHealth,
  type ReadyStatus,
  readyStatusOf,
  silentConditions,
  type ZoneState,
} from './decisions.js';
import type { DetectionMarks } from './detection-marks.js';
import type { Evictor } from './evictor.js';
import type { NodeHealthRecords } from './node-health-records.js';
import type { PodReadiness } from './pod-readiness.js';
import type { ZoneChange } from './timelines.js';

export interface NodeHealthMonitorOptions {
  readonly simulation: Simulation;
  readonly config: NodeLifecycleConfiguration;
  readonly client: ApiClient;
  readonly nodes: Informer<Node>;
  readonly leases: Informer<Lease>;
  readonly pods: Informer<Pod>;
  readonly records: NodeHealthRecords;
  readonly grid: LoopGrid;
  readonly evictor: Evictor;
  readonly podReadiness: PodReadiness;
  readonly events: EventRecorder;
  readonly marks: DetectionMarks;
  readonly zones: Timeline<ZoneChange> | undefined;
  /** Whether passes that would find every node as it should be are left out. */
  readonly elides: boolean;
}

/** One pass under way. */
interface Pass {
  readonly startedAt: Micros;
  readonly nodes: readonly Node[];
  readonly votes: Map<string, ReadyStatus[]>;
}

/** What looking at one node came to: its Ready status before and after, or nothing when it has to be skipped. */
interface Looked {
  readonly node: Node;
  readonly health: NodeHealth;
  /** A node without Ready condition counts as Unknown beforehand. */
  readonly observed: string;
  readonly current: ReadyStatus;
}

/** Looks at all nodes every nodeMonitorPeriod: the signs of life, their zones, their taints. As monitorNodeHealth. */
export class NodeHealthMonitor {
  readonly #options: NodeHealthMonitorOptions;
  readonly #visits: RandomStream;
  readonly #known = new Map<string, Node>();
  readonly #zoneStates = new Map<string, ZoneState>();
  /** Nodes whose pods could not all be marked not ready. */
  readonly #toRetry = new Set<string>();
  /** A Lease that the server has in a later version than the cache: nobody is judged until the cache has it. */
  #awaitedLease: { readonly key: string; readonly version: number } | undefined;
  #passCount = 0;
  #isPassing = false;
  #isWanted = true;
  #isStopped = false;
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;

  constructor(options: NodeHealthMonitorOptions) {
    this.#options = options;
    this.#visits = options.simulation.stream('node-lifecycle/visit');
    this.#armNext();
  }

  /** Something changed that the next pass has to look at. */
  lookAtNextPass(): void {
    this.#isWanted = true;
    this.#armNext();
  }

  /** The pass that will see what arrives now; undefined while one is under way, for its end is not known. */
  get nextPassAt(): Micros | undefined {
    return this.#isPassing ? undefined : this.#options.grid.after(this.#options.simulation.now);
  }

  forget(node: string): void {
    this.#toRetry.delete(node);
  }

  stop(): void {
    this.#isStopped = true;
    this.#next?.cancel();
  }

  #armNext(): void {
    if (this.#isPassing || this.#isStopped) {
      return;
    }
    const { simulation, grid, elides } = this.#options;
    const wanted = this.#isWanted || !elides ? simulation.now : this.#nextNeeded();
    const isFirst = this.#passCount === 0;
    // What arrives at the very instant of a pass comes too late for it: that pass was due long before the arrival was.
    const at = wanted > simulation.now || isFirst ? grid.from(wanted) : grid.after(simulation.now);
    if (at === this.#nextAt) {
      return;
    }
    this.#next?.cancel();
    this.#nextAt = at;
    if (at !== Number.POSITIVE_INFINITY) {
      this.#next = simulation.after(at - simulation.now, () => this.#pass());
    }
  }

  /** When a node will be found stale, or its state calls for another look, if nothing arrives until then. */
  #nextNeeded(): Micros {
    const { nodes, records, evictor, config, simulation } = this.#options;
    if (this.#toRetry.size > 0 || this.#awaitedLease !== undefined) {
      return simulation.now;
    }
    let next = Number.POSITIVE_INFINITY;
    for (const node of nodes.list()) {
      const record = records.of(node.metadata.name);
      const grace = gracePeriodOf(node, config);
      const staleAfter = records.staleAfter(record, grace);
      // A silent node that is marked so already is asked about at each pass where the circuit breaker asks the server.
      const isQuiet = staleAfter < simulation.now && readyStatusOf(node) === 'Unknown' && !config.leaseCircuitBreaker;
      const look = record.health === undefined ? simulation.now : evictor.looksAgainAt(node, record.health);
      next = Math.min(next, look, isQuiet ? Number.POSITIVE_INFINITY : staleAfter + 1);
    }
    return next;
  }

  #pass(): void {
    const { simulation, nodes, grid } = this.#options;
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#isPassing = true;
    this.#isWanted = false;
    this.#passCount += grid.countTo(simulation.now);
    const pass: Pass = { startedAt: simulation.now, nodes: this.#inVisitingOrder([...nodes.list()]), votes: new Map() };
    // The workers are goroutines that wake up a moment later: whatever else is due at this instant comes before them.
    this.#registerAndRemove(pass.nodes, () => simulation.after(0, () => this.#visitAll(pass)));
  }

  #visitAll(pass: Pass): void {
    if (this.#isStopped) {
      return;
    }
    const visit = (node: Node, done: () => void): void => this.#visit(pass, node, done);
    inParallel(pass.nodes, this.#options.config.nodeHealthWorkers, visit, () =>
      this.#handleDisruption(pass, () => this.#end(pass)),
    );
  }

  #end(pass: Pass): void {
    const { simulation, grid, config } = this.#options;
    grid.ended(Math.max(simulation.now, pass.startedAt + config.passDuration));
    this.#isPassing = false;
    this.#armNext();
  }

  /** Arbitrary, as the order of a Go map is, but the same in every run of a seed. */
  #inVisitingOrder(nodes: readonly Node[]): readonly Node[] {
    const rank = (node: Node): number =>
      this.#visits.uniform(this.#options.records.of(node.metadata.name).entity, this.#passCount);
    return nodes
      .map((node) => ({ node, rank: rank(node) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node);
  }

  /** As classifyNodes and what follows it. */
  #registerAndRemove(nodes: readonly Node[], then: () => void): void {
    const { evictor } = this.#options;
    const added = nodes.filter((node) => !this.#known.has(node.metadata.name));
    for (const node of nodes) {
      this.#openZone(zoneKeyOf(node));
    }
    for (const node of added) {
      this.#known.set(node.metadata.name, node);
      this.#tell(node, 'RegisteredNode', `Registered Node ${node.metadata.name} in Controller`);
    }
    if (this.#known.size !== nodes.length) {
      const names = new Set(nodes.map((node) => node.metadata.name));
      for (const node of [...this.#known.values()].filter(({ metadata }) => !names.has(metadata.name))) {
        this.#known.delete(node.metadata.name);
        this.#tell(node, 'RemovingNode', `Removing Node ${node.metadata.name} from Controller`);
      }
    }
    inParallel(added, 1, (node, done) => evictor.release(node, done), then);
  }

  #openZone(zone: string): void {
    if (!this.#zoneStates.has(zone)) {
      this.#zoneStates.set(zone, 'Initial');
      this.#options.evictor.openZone(zone);
    }
  }

  #tell(node: Node, reason: string, what: string): void {
    this.#options.events.event(node, 'Normal', reason, `Node ${node.metadata.name} event: ${what}`);
  }

  #visit(pass: Pass, node: Node, done: () => void): void {
    const { config, evictor, pods } = this.#options;
    this.#look(pass, node, 1, (looked) => {
      if (looked === undefined) {
        done();
        return;
      }
      const { current, observed } = looked;
      if (!isExcludedFromDisruption(looked.node)) {
        const zone = zoneKeyOf(looked.node);
        const votes = pass.votes.get(zone);
        if (votes === undefined) {
          pass.votes.set(zone, [current]);
        } else {
          votes.push(current);
        }
      }
      if (current === undefined) {
        this.#toRetry.delete(node.metadata.name);
        done();
        return;
      }
      // The pods of this moment, where any may have to be marked; a list a node and pass would be most of a pass's cost.
      const mayMark = current !== 'True' || this.#toRetry.has(node.metadata.name);
      const onNode = mayMark ? [...pods.byIndex('node', node.metadata.name)] : [];
      evictor.judge(looked.node, config.taintsByReadyAfterPass ? current : observed, looked.health, () =>
        this.#markPods(looked, onNode, done),
      );
    });
  }

  /** Only a transition that this controller itself made counts: a kubelet that says so itself keeps its pods' readiness. */
  #markPods({ node, observed, current }: Looked, pods: readonly Pod[], done: () => void): void {
    const { name } = node.metadata;
    const isTransition = current !== 'True' && observed === 'True';
    if (isTransition) {
      this.#options.events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    if (!isTransition && !(this.#toRetry.has(name) && observed !== 'True')) {
      this.#toRetry.delete(name);
      done();
      return;
    }
    this.#options.podReadiness.markNotReady(pods, (ok) => {
      if (ok) {
        this.#toRetry.delete(name);
      } else {
        this.#toRetry.add(name);
      }
      done();
    });
  }

  /** As tryUpdateNodeHealth, with its retries. */
  #look(pass: Pass, node: Node, attempt: number, then: (looked: Looked | undefined) => void): void {
    const { simulation, config, leases, records } = this.#options;
    if (this.#isAwaitingLease()) {
      then(undefined);
      return;
    }
    const before = readyStatusOf({ status: { conditions: records.of(node.metadata.name).health?.conditions } });
    const lease = leases.get(leaseKey(node));
    const health = records.observe(node, lease, pass.startedAt, simulation.now);
    const current = readyStatusOf(node);
    if (before !== undefined && before !== current && (current === 'True' || current === 'False')) {
      this.#options.marks.told(node, current === 'True');
    }
    if (!isStale(health, gracePeriodOf(node, config), simulation.now)) {
      then({ node, health, observed: current ?? 'Unknown', current });
    } else if (config.leaseCircuitBreaker) {
      this.#askForLease(node, health, (isSilent) => {
        if (isSilent) {
          this.#markSilent(pass, node, health, attempt, then);
        } else {
          then(undefined);
        }
      });
    } else {
      this.#markSilent(pass, node, health, attempt, then);
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

  #isAwaitingLease(): boolean {
    if (this.#awaitedLease === undefined) {
      return false;
    }
    const { key, version } = this.#awaitedLease;
    const cached = this.#options.leases.get(key);
    if (cached === undefined || Number(cached.metadata.resourceVersion) >= version) {
      this.#awaitedLease = undefined;
      return false;
    }
    return true;
  }

  #markSilent(
    pass: Pass,
    node: Node,
    health: NodeHealth,
    attempt: number,
    then: (looked: Looked | undefined) => void,
  ): void {
    const { simulation, client, config, leases, records, marks } = this.#options;
    const observed = readyStatusOf(node);
    if (observed === 'Unknown') {
      then({ node, health, observed, current: observed });
      return;
    }
    const lease = leases.get(leaseKey(node));
    const silent: Node = { ...node, status: { ...node.status, conditions: silentConditions(node, simulation.now) } };
    client.updateStatus('Node', silent, (reply) => {
      if (reply.ok) {
        const conditions = silent.status?.conditions ?? [];
        const marked = { ...health, conditions, readyTransitionTimestamp: simulation.now, lease };
        records.of(node.metadata.name).health = marked;
        marks.unknown(node, health, lease);
        then({ node: silent, health: marked, observed: observed ?? 'Unknown', current: 'Unknown' });
        return;
      }
      client.get('Node', node.metadata.name, (read) => {
        if (!read.ok || attempt >= config.nodeHealthUpdateRetry) {
          then(undefined);
        } else {
          simulation.after(config.retrySleepTime, () => {
            if (!this.#isStopped) {
              this.#look(pass, read.object, attempt + 1, then);
            }
          });
        }
      });
    });
  }

  #handleDisruption(pass: Pass, then: () => void): void {
    const { simulation, config, evictor, records } = this.#options;
    const decision = decideDisruption(this.#zoneStates, pass.votes, config);
    const apply = (): void => {
      for (const [zone, rate] of decision.rates) {
        evictor.swapLimiter(zone, rate);
      }
      this.#recordZones(pass, decision);
      this.#zoneStates.clear();
      for (const [zone, state] of decision.states) {
        this.#zoneStates.set(zone, state);
      }
      then();
    };
    if (decision.masterDisruption === 'leaves') {
      records.giveFreshGracePeriods(pass.nodes, simulation.now);
    }
    const untainted = decision.masterDisruption === 'enters' ? pass.nodes : [];
    // By the nodes as they were when the pass began: a taint put on since then stays.
    inParallel(untainted, 1, (node, done) => evictor.release(node, done), apply);
  }

  #recordZones(pass: Pass, { states, rates, masterDisruption }: DisruptionDecision): void {
    for (const [zone, rate] of this.#options.zones === undefined ? [] : rates) {
      const votes = pass.votes.get(zone) ?? [];
      this.#options.zones?.append({
        zone: zone.split(':\0:').filter(Boolean).join('/'),
        state: states.get(zone) as ZoneState,
        nodes: votes.length,
        not_ready: votes.filter((ready) => ready !== 'True').length,
        eviction_rate: rate,
        master_disruption: masterDisruption,
      });
    }
  }
}

const leaseKey = (node: Node): string => `kube-node-lease/${node.metadata.name}`;
