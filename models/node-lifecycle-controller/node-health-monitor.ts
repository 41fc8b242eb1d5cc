import type { EventHandle, Micros, RandomStream, Simulation, Timeline } from '../../engine/index.js';
import { type Node, type Pod, zoneKeyOf } from '../api/index.js';
import { type EventRecorder, type Informer, inParallel } from '../client-go/index.js';
import type { NodeLifecycleConfiguration } from './config.js';
import {
  type DisruptionDecision,
  decideDisruption,
  gracePeriodOf,
  isExcludedFromDisruption,
  type NodeHealth,
  type ReadyStatus,
  readyStatusOf,
  type ZoneState,
  type ZoneVotes,
} from './decisions.js';
import type { Evictor } from './evictor.js';
import type { Looked, NodeHealthChecker } from './node-health-checker.js';
import type { NodeHealthRecords } from './node-health-records.js';
import type { PassTimes } from './pass-times.js';
import type { PodReadiness } from './pod-readiness.js';
import { Roster } from './roster.js';
import type { ZoneChange } from './timelines.js';

export interface NodeHealthMonitorOptions {
  readonly simulation: Simulation;
  readonly config: NodeLifecycleConfiguration;
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly records: NodeHealthRecords;
  readonly passes: PassTimes;
  readonly checker: NodeHealthChecker;
  readonly evictor: Evictor;
  readonly podReadiness: PodReadiness;
  readonly events: EventRecorder;
  readonly zones: Timeline<ZoneChange> | undefined;
  /** Whether looks at nodes that are as they should be are left out, and passes that would look at no other. */
  readonly elides: boolean;
  /** What the caches hold of every node, for the rare case in which all are needed. */
  readonly observeAll: () => void;
}

/** One pass under way. */
interface Pass {
  readonly startedAt: Micros;
  readonly nodes: readonly Node[];
  readonly votes: Map<string, ZoneVotes>;
}

/** Looks at all nodes every nodeMonitorPeriod: the signs of life, their zones, their taints. As monitorNodeHealth. */
export class NodeHealthMonitor {
  readonly #options: NodeHealthMonitorOptions;
  readonly #visits: RandomStream;
  readonly #roster: Roster;
  readonly #zoneStates = new Map<string, ZoneState>();
  /** Nodes whose pods could not all be marked not ready. */
  readonly #toRetry = new Set<string>();
  #hasPassed = false;
  #isPassing = false;
  #isWanted = true;
  #isStopped = false;
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;

  constructor(options: NodeHealthMonitorOptions) {
    this.#options = options;
    this.#visits = options.simulation.stream('node-lifecycle/visit');
    this.#roster = new Roster(options.nodes);
    this.#armNext();
  }

  /** Something came up that the next pass has to look at. */
  disturb(node: string): void {
    this.#roster.disturb(node);
    this.#isWanted = true;
    this.#armNext();
  }

  gone(node: string): void {
    this.#toRetry.delete(node);
    this.#roster.gone(node);
    this.#isWanted = true;
    this.#armNext();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.checker.stop();
    this.#next?.cancel();
  }

  #armNext(): void {
    if (this.#isPassing || this.#isStopped) {
      return;
    }
    const { simulation, passes, elides } = this.#options;
    const wanted = this.#isWanted || !elides ? simulation.now : this.#nextNeeded();
    // What arrives at the very instant of a pass comes too late for it: that pass was due long before the arrival was.
    const at = wanted > simulation.now || !this.#hasPassed ? passes.from(wanted) : passes.from(simulation.now + 1);
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
    const { records, evictor, config, simulation, checker } = this.#options;
    if (this.#toRetry.size > 0 || checker.isBlocked) {
      return simulation.now;
    }
    let next = Number.POSITIVE_INFINITY;
    for (const node of this.#roster.restless()) {
      const record = records.of(node.metadata.name);
      const staleAfter = records.staleAfter(record, gracePeriodOf(node, config));
      // A silent node that is marked so already is asked about at each pass where the circuit breaker asks the server.
      const isQuiet = staleAfter < simulation.now && readyStatusOf(node) === 'Unknown' && !config.leaseCircuitBreaker;
      const look = record.health === undefined ? simulation.now : evictor.looksAgainAt(node, record.health);
      next = Math.min(next, look, isQuiet ? Number.POSITIVE_INFINITY : staleAfter + 1);
    }
    return next;
  }

  #pass(): void {
    const { simulation, elides, checker } = this.#options;
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#isPassing = true;
    this.#isWanted = false;
    this.#hasPassed = true;
    const votes = elides && !checker.isBlocked ? this.#roster.restingVotes() : new Map<string, ZoneVotes>();
    const { added, deleted } = this.#roster.classify();
    const pass: Pass = { startedAt: simulation.now, nodes: this.#inVisitingOrder(this.#roster.restless()), votes };
    this.#register(pass, this.#inVisitingOrder(added), deleted, () => {
      // The workers are goroutines that wake up a moment later: whatever else is due at this instant comes before them.
      simulation.after(0, () => this.#visitAll(pass));
    });
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
    const { simulation, passes, config, elides } = this.#options;
    passes.ended(pass.startedAt, Math.max(simulation.now, pass.startedAt + config.passDuration));
    this.#isPassing = false;
    if (elides) {
      this.#letRest(pass.nodes);
    }
    this.#armNext();
  }

  /** Nodes that nothing but news can make worth a look. */
  #letRest(visited: readonly Node[]): void {
    const { nodes, records, evictor } = this.#options;
    for (const { metadata } of visited) {
      const node = nodes.get(metadata.name);
      const { health, lease } = records.of(metadata.name);
      const isHealthy =
        node !== undefined && health !== undefined && [readyStatusOf(node), readyIn(health)].every((r) => r === 'True');
      const isSettled = isHealthy && evictor.looksAgainAt(node, health) === Number.POSITIVE_INFINITY;
      if (isSettled && lease.isForetold && !this.#toRetry.has(metadata.name)) {
        this.#roster.rest(node);
      }
    }
  }

  /** Arbitrary, as the order of a Go map is, but the same in every run of a seed. */
  #inVisitingOrder(nodes: readonly Node[]): readonly Node[] {
    const { passes, records, simulation } = this.#options;
    const ordinal = passes.countBefore(simulation.now) + 1;
    return nodes
      .map((node) => ({ node, rank: this.#visits.uniform(records.of(node.metadata.name).entity, ordinal) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ node }) => node);
  }

  #register(pass: Pass, added: readonly Node[], deleted: readonly Node[], then: () => void): void {
    const { evictor } = this.#options;
    for (const zone of [...this.#roster.restingZones(), ...pass.nodes.map(zoneKeyOf)]) {
      if (!this.#zoneStates.has(zone)) {
        this.#zoneStates.set(zone, 'Initial');
        evictor.openZone(zone);
      }
    }
    for (const node of added) {
      this.#tell(node, 'RegisteredNode', `Registered Node ${node.metadata.name} in Controller`);
    }
    for (const node of deleted) {
      this.#tell(node, 'RemovingNode', `Removing Node ${node.metadata.name} from Controller`);
    }
    inParallel(added, 1, (node, done) => evictor.release(node, done), then);
  }

  #tell(node: Node, reason: string, what: string): void {
    this.#options.events.event(node, 'Normal', reason, `Node ${node.metadata.name} event: ${what}`);
  }

  #visit(pass: Pass, node: Node, done: () => void): void {
    const { config, evictor, pods, checker } = this.#options;
    checker.look(node, (looked) => {
      if (looked === undefined) {
        done();
        return;
      }
      const { current, observed } = looked;
      if (!isExcludedFromDisruption(looked.node)) {
        count(pass.votes, zoneKeyOf(looked.node), current === 'True');
      }
      if (current === undefined) {
        this.#toRetry.delete(node.metadata.name);
        done();
        return;
      }
      const onNode = [...pods.byIndex('node', node.metadata.name)];
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

  #handleDisruption(pass: Pass, then: () => void): void {
    const { simulation, config, evictor, records, nodes } = this.#options;
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
      this.#options.observeAll();
      records.giveFreshGracePeriods(nodes.list(), simulation.now);
    }
    const untainted = decision.masterDisruption === 'enters' ? pass.nodes : [];
    // By the nodes as they were when the pass began: a taint put on since then stays.
    inParallel(untainted, 1, (node, done) => evictor.release(node, done), apply);
  }

  #recordZones(pass: Pass, { states, rates, masterDisruption }: DisruptionDecision): void {
    for (const [zone, rate] of this.#options.zones === undefined ? [] : rates) {
      const { ready, notReady } = pass.votes.get(zone) as ZoneVotes;
      this.#options.zones?.append({
        zone: zone.split(':\0:').filter(Boolean).join('/'),
        state: states.get(zone) as ZoneState,
        nodes: ready + notReady,
        not_ready: notReady,
        eviction_rate: rate,
        master_disruption: masterDisruption,
      });
    }
  }
}

const readyIn = ({ conditions }: NodeHealth): ReadyStatus => readyStatusOf({ status: { conditions } });

function count(votes: Map<string, ZoneVotes>, zone: string, isReady: boolean): void {
  const { ready, notReady } = votes.get(zone) ?? { ready: 0, notReady: 0 };
  votes.set(zone, isReady ? { ready: ready + 1, notReady } : { ready, notReady: notReady + 1 });
}
