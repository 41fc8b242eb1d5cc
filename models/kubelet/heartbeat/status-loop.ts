import type { EntityKey, EventHandle, Micros, RandomStream, Simulation } from '../../../engine/index.js';
import type { Node } from '../../api/index.js';
import type { ApiClient, Informer } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import { reportDecision } from './decisions.js';
import type { Computed, NodeReporter } from './node-reporter.js';

export interface StatusLoopOptions {
  readonly simulation: Simulation;
  /** The kubelet's connection for heartbeats alone. */
  readonly client: ApiClient;
  readonly nodes: Informer<Node>;
  readonly node: string;
  readonly key: EntityKey;
  readonly settings: HeartbeatSettings;
  readonly reporter: NodeReporter;
  /** Sees to it that the Node is registered, then goes on; at once when that has been done. */
  readonly register: (then: () => void) => void;
  /** Leaves out ticks that would find nothing to report. */
  readonly elides: boolean;
}

/** One run of the loop: its place among all that this kubelet made, and when it starts. */
interface Tick {
  readonly ordinal: number;
  readonly startsAt: Micros;
}

/**
 * Computes the node's status every 10 to 10.4 s and reports it when it changed or has gone unreported for long.
 * As syncNodeStatus (pkg/kubelet/kubelet_node_status.go).
 */
export class StatusLoop {
  readonly #options: StatusLoopOptions;
  readonly #pauses: RandomStream;
  readonly #delays: RandomStream;
  /** The first tick that has not run yet and, as far as we have looked, is not in the past. */
  #upcoming: Tick = { ordinal: 0, startsAt: 0 };
  #timer: EventHandle | undefined;
  #timerAt: Micros = Number.POSITIVE_INFINITY;
  /** A tick, or an update at once, is under way; others wait for its end (syncNodeStatusMux). */
  #isBusy = false;
  #waiting: readonly (() => void)[] = [];
  #isRunning = false;
  #reportedAt: Micros | undefined;
  #reportDelay: Micros = 0;
  #drawnDelays = 0;

  constructor(options: StatusLoopOptions) {
    this.#options = options;
    this.#pauses = options.simulation.stream('kubelet/status');
    this.#delays = options.simulation.stream('kubelet/status report');
  }

  start(): void {
    this.#isRunning = true;
    this.#reportedAt = undefined;
    this.#runTick({ ordinal: this.#upcoming.ordinal + 1, startsAt: this.#options.simulation.now });
  }

  stop(): void {
    this.#passBy();
    this.#isRunning = false;
    this.#isBusy = false;
    this.#waiting = [];
    this.#timer?.cancel();
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  /** Something that the status is computed from may have changed: the next tick has to happen if it would report that. */
  look(): void {
    if (this.#isRunning && !this.#isBusy && this.#options.elides) {
      this.#arm();
    }
  }

  /** Computes and reports now, beside the loop's ticks. */
  syncNow(): void {
    this.exclusively((done) => this.#sync(done));
  }

  /** Runs the work once no other update of the status is under way. */
  exclusively(work: (done: () => void) => void): void {
    if (!this.#isRunning) {
      return;
    }
    if (this.#isBusy) {
      this.#waiting = [...this.#waiting, () => this.exclusively(work)];
      return;
    }
    this.#isBusy = true;
    work(() => {
      this.#isBusy = false;
      const [next, ...rest] = this.#waiting;
      this.#waiting = rest;
      next?.();
      this.look();
    });
  }

  /** As patchNodeStatus: the delay until the next report counts from one that got through. */
  report(computed: Computed, then: (ok: boolean) => void): void {
    this.#options.reporter.patch(computed, (ok) => {
      this.#reportedAt = ok ? this.#options.simulation.now : this.#reportedAt;
      then(ok);
    });
  }

  #runTick(tick: Tick): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#upcoming = tick;
    this.exclusively((done) =>
      this.#sync(() => {
        this.#upcoming = this.#after(tick, this.#options.simulation.now);
        done();
        this.#arm();
      }),
    );
  }

  #after({ ordinal }: Tick, end: Micros): Tick {
    const { key, settings } = this.#options;
    const { nodeStatusUpdateFrequency, nodeStatusJitterFactor } = settings;
    const pause = this.#pauses.jitter(key, ordinal + 1, nodeStatusUpdateFrequency, nodeStatusJitterFactor);
    return { ordinal: ordinal + 1, startsAt: end + pause };
  }

  /** Arms the first tick that will have something to report; every tick where none is left out. */
  #arm(): void {
    const { simulation, elides } = this.#options;
    this.#passBy();
    let tick = this.#upcoming;
    for (const needed = elides ? this.#neededAt() : simulation.now; tick.startsAt < needed; ) {
      tick = this.#after(tick, tick.startsAt);
    }
    if (tick.startsAt !== this.#timerAt) {
      this.#timer?.cancel();
      this.#timerAt = tick.startsAt;
      this.#timer = simulation.after(tick.startsAt - simulation.now, () => this.#runTick(tick));
    }
  }

  /** Ticks that were left out took no time. One that is due just now is not past if it is armed. */
  #passBy(): void {
    const { now } = this.#options.simulation;
    while (!this.#isBusy && this.#upcoming.startsAt <= now && this.#upcoming.startsAt !== this.#timerAt) {
      this.#upcoming = this.#after(this.#upcoming, this.#upcoming.startsAt);
    }
  }

  #neededAt(): Micros {
    const { nodes, node, reporter, simulation } = this.#options;
    const found = nodes.get(node);
    if (found === undefined || this.#reportedAt === undefined || reporter.hasNews(reporter.compute(found))) {
      return simulation.now;
    }
    return this.#reportedAt + this.#reportDelay;
  }

  #sync(then: () => void): void {
    this.#options.register(() => this.#update(0, then));
  }

  /** As updateNodeStatus: up to five tries, the first by the watched Node, the others by what the server says. */
  #update(attempt: number, then: () => void): void {
    const { client, nodes, node, settings } = this.#options;
    if (attempt === settings.nodeStatusUpdateRetry) {
      then();
      return;
    }
    const again = (): void => this.#update(attempt + 1, then);
    if (attempt === 0) {
      this.#tryUpdate(nodes.get(node), then, again);
    } else {
      client.get('Node', node, (read) => this.#tryUpdate(read.ok ? read.object : undefined, then, again));
    }
  }

  #tryUpdate(found: Node | undefined, then: () => void, again: () => void): void {
    if (found === undefined) {
      again();
      return;
    }
    const { reporter, simulation, settings } = this.#options;
    const computed = reporter.compute(found);
    reporter.tell(computed);
    const decision = reportDecision(computed.hasChanged, this.#reportedAt, this.#reportDelay, simulation.now);
    if (!decision.isDue) {
      then();
      return;
    }
    this.#reportDelay = decision.drawsDelay ? this.#drawDelay() : settings.nodeStatusReportFrequency;
    this.report(computed, (ok) => (ok ? then() : again()));
  }

  /** Reports that follow a change are spread out, so that not all nodes of a cluster report at once. As calculateDelay. */
  #drawDelay(): Micros {
    const { key, settings } = this.#options;
    const spread = (2 * this.#delays.uniform(key, this.#drawnDelays++) - 1) * settings.nodeStatusReportJitter;
    return Math.round(settings.nodeStatusReportFrequency * (1 + spread));
  }
}
