import type { EntityKey, EventHandle, Micros, RandomStream, Simulation } from '../../../engine/index.js';
import { type Node, nodeParty } from '../../api/index.js';
import type { ApiClient, ApiConnection, Informer } from '../../client-go/index.js';
import type { HeartbeatSettings } from './config.js';
import { reportDecision } from './decisions.js';
import type { Computed, NodeReporter } from './node-reporter.js';
import { ReportVersions, type Tick } from './report-versions.js';

export interface StatusLoopOptions {
  readonly simulation: Simulation;
  readonly api: ApiConnection;
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

/**
 * Computes the node's status every 10 to 10.4 s and reports it when it changed or has gone unreported for long.
 * As syncNodeStatus (pkg/kubelet/kubelet_node_status.go). As long as there is nothing new, and reports get through, the ones
 * that are due by time alone are told in advance.
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
  #quiet: ReportVersions | undefined;
  /** The last report got through, and nothing has come up since that could keep the next one from it. */
  #isSure = false;

  constructor(options: StatusLoopOptions) {
    this.#options = options;
    this.#pauses = options.simulation.stream('kubelet/status');
    this.#delays = options.simulation.stream('kubelet/status report');
    options.api.onLinkChange(nodeParty(options.node), () => this.disturb());
  }

  start(): void {
    this.#isRunning = true;
    this.#reportedAt = undefined;
    this.#runTick({ ordinal: this.#upcoming.ordinal + 1, startsAt: this.#options.simulation.now });
  }

  stop(): void {
    this.disturb();
    this.#passBy();
    this.#isRunning = false;
    this.#isBusy = false;
    this.#waiting = [];
    this.#timer?.cancel();
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  /** Something that the status is computed from may have changed: the next tick has to happen if it would report that. */
  look(): void {
    if (this.#isRunning && this.#options.elides) {
      this.#arm();
    }
  }

  /** From now on reports may fail: each one happens until one has got through. */
  disturb(): void {
    this.#isSure = false;
    this.#endQuiet();
    this.look();
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
    this.#endQuiet();
    if (this.#isBusy) {
      this.#waiting = [...this.#waiting, () => this.exclusively(work)];
      return;
    }
    this.#isBusy = true;
    work(() => this.#goOn());
  }

  /** As patchNodeStatus: the delay until the next report counts from one that got through. */
  report(computed: Computed, then: (ok: boolean) => void): void {
    this.#options.reporter.patch(computed, (ok) => {
      this.#reportedAt = ok ? this.#options.simulation.now : this.#reportedAt;
      this.#isSure = ok;
      then(ok);
    });
  }

  #runTick(tick: Tick): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#upcoming = tick;
    this.exclusively((done) => this.#sync(() => this.#endTick(tick, done)));
  }

  #endTick(tick: Tick, done = (): void => this.#goOn()): void {
    this.#upcoming = this.#after(tick, this.#options.simulation.now);
    done();
    this.#arm();
  }

  /** An update of the status has ended; others may have waited for that. */
  #goOn(): void {
    this.#isBusy = false;
    const [next, ...rest] = this.#waiting;
    this.#waiting = rest;
    next?.();
    this.look();
  }

  #after({ ordinal }: Tick, end: Micros): Tick {
    const { key, settings } = this.#options;
    const { nodeStatusUpdateFrequency, nodeStatusJitterFactor } = settings;
    const pause = this.#pauses.jitter(key, ordinal + 1, nodeStatusUpdateFrequency, nodeStatusJitterFactor);
    return { ordinal: ordinal + 1, startsAt: end + pause };
  }

  /** Arms the first tick that will have something to report; every tick where none is left out. */
  #arm(): void {
    if (!this.#options.elides) {
      this.#armTimer(this.#upcoming);
    } else if (!this.#isBusy) {
      this.#armIfNeeded();
    }
  }

  #armIfNeeded(): void {
    const { now } = this.#options.simulation;
    const hasNews = this.#hasNews();
    if (this.#quiet !== undefined) {
      if (hasNews) {
        this.#endQuiet();
      }
      return;
    }
    this.#passBy();
    const dueAt = hasNews ? now : (this.#reportedAt ?? now) + this.#reportDelay;
    if (hasNews || !this.#isSure || !this.#beginQuiet(dueAt)) {
      let tick = this.#upcoming;
      while (tick.startsAt < dueAt) {
        tick = this.#after(tick, tick.startsAt);
      }
      this.#armTimer(tick);
    }
  }

  #armTimer(tick: Tick): void {
    const { simulation } = this.#options;
    if (tick.startsAt !== this.#timerAt) {
      this.#timer?.cancel();
      this.#timerAt = tick.startsAt;
      this.#timer = simulation.after(tick.startsAt - simulation.now, () => this.#runTick(tick));
    }
  }

  /** Tells the reports to come in advance. False where everything has to happen. */
  #beginQuiet(dueAt: Micros): boolean {
    const { api, node, settings } = this.#options;
    const { latency } = api.computed;
    if (latency === undefined) {
      return false;
    }
    this.#timer?.cancel();
    this.#timerAt = Number.POSITIVE_INFINITY;
    const quiet: ReportVersions = new ReportVersions({
      upcoming: this.#upcoming,
      dueAt,
      frequency: settings.nodeStatusReportFrequency,
      after: (tick, end) => this.#after(tick, end),
      toServer: latency.toServer,
      toClient: latency.toClient,
      ceased: () => this.#onCeased(quiet),
    });
    this.#quiet = quiet;
    api.computed.compute('Node', node, quiet);
    return true;
  }

  #endQuiet(): void {
    const { api, node } = this.#options;
    if (this.#quiet !== undefined) {
      const wasSure = this.#isSure;
      api.computed.freeze('Node', node);
      this.#isSure = wasSure;
    }
  }

  /** Frozen, or the Node was deleted. A report that is on its way right now goes on as a request. */
  #onCeased(quiet: ReportVersions): void {
    if (this.#quiet !== quiet) {
      return;
    }
    const { simulation, nodes, node, reporter, settings, client } = this.#options;
    this.#quiet = undefined;
    this.#isSure = false;
    quiet.freeze(simulation.now);
    const report = quiet.sentBy(simulation.now);
    const found = nodes.get(node);
    if (report === undefined) {
      this.look();
      return;
    }
    this.#reportDelay = settings.nodeStatusReportFrequency;
    if (simulation.now < report.answeredAt && found !== undefined) {
      this.#upcoming = report.tick;
      this.#isBusy = true;
      const computed = reporter.compute(found, report.tick.startsAt);
      client.backdated(report.tick.startsAt, () =>
        this.report(computed, (ok) => {
          if (ok) {
            this.#endTick(report.tick);
          } else {
            this.#update(1, () => this.#endTick(report.tick));
          }
        }),
      );
      return;
    }
    this.#reportedAt = report.answeredAt;
    this.#upcoming = this.#after(report.tick, report.answeredAt);
    this.look();
  }

  /** Ticks that were left out took no time. One that is due just now is not past if it is armed. */
  #passBy(): void {
    const { now } = this.#options.simulation;
    while (!this.#isBusy && this.#upcoming.startsAt <= now && this.#upcoming.startsAt !== this.#timerAt) {
      this.#upcoming = this.#after(this.#upcoming, this.#upcoming.startsAt);
    }
  }

  #hasNews(): boolean {
    const { nodes, node, reporter } = this.#options;
    const found = nodes.get(node);
    return found === undefined || this.#reportedAt === undefined || reporter.hasNews(reporter.compute(found));
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
