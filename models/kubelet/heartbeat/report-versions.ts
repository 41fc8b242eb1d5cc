import { type Micros, wholeSecond } from '../../../engine/index.js';
import { conditionOf, type Node, type NodeCondition } from '../../api/index.js';
import type { ComputedVersions } from '../../client-go/index.js';
import { isKubeletCondition } from './decisions.js';

/** One run of the status loop: its place among all that this kubelet made, and when it starts. */
export interface Tick {
  readonly ordinal: number;
  readonly startsAt: Micros;
}

/** The tick of a report, and what the next one goes by. */
export interface Report {
  readonly tick: Tick;
  readonly answeredAt: Micros;
}

export interface ReportRule {
  /** The first tick that has not run yet. */
  readonly upcoming: Tick;
  /** When the first report that is told in advance becomes due, and how long after a report the next one is. */
  readonly dueAt: Micros;
  readonly frequency: Micros;
  readonly after: (tick: Tick, end: Micros) => Tick;
  readonly toServer: Micros;
  readonly toClient: Micros;
  readonly ceased: () => void;
}

/** How many reports are kept at hand for those who ask for times a little back. */
const KEPT = 4;

/** The Node of a kubelet that has nothing new to report: only its heartbeat times move, every so often. */
export class ReportVersions implements ComputedVersions<Node> {
  readonly #rule: ReportRule;
  readonly #first: Report;
  #recent: Report[];
  #frozenAt: Micros = Number.POSITIVE_INFINITY;
  #made: { readonly report: Report; readonly stored: Node; readonly node: Node } | undefined;

  constructor(rule: ReportRule) {
    this.#rule = rule;
    this.#first = this.#reportFrom(rule.upcoming, rule.dueAt);
    this.#recent = [this.#first];
  }

  at(time: Micros, stored: Node): Node {
    const report = this.sentBy(Math.min(time, this.#frozenAt) - this.#rule.toServer);
    if (report === undefined) {
      return stored;
    }
    if (this.#made?.report !== report || this.#made.stored !== stored) {
      this.#made = { report, stored, node: withHeartbeat(stored, wholeSecond(report.tick.startsAt)) };
    }
    return this.#made.node;
  }

  nextAfter(time: Micros): Micros {
    const last = this.sentBy(time - this.#rule.toServer);
    return (last === undefined ? this.#first : this.#after(last)).tick.startsAt + this.#rule.toServer;
  }

  /** No report after this time is told any more; those before still are. */
  freeze(time: Micros): void {
    this.#frozenAt = Math.min(this.#frozenAt, time);
  }

  ceased(): void {
    this.#rule.ceased();
  }

  /** The last report whose tick starts at `time` or before; undefined when that is before the first one. */
  sentBy(time: Micros): Report | undefined {
    if (time < (this.#recent[0] as Report).tick.startsAt) {
      this.#recent = [this.#first];
    }
    const next = (): Report => this.#after(this.#recent[this.#recent.length - 1] as Report);
    for (let report = next(); report.tick.startsAt <= time; report = next()) {
      this.#recent.push(report);
      if (this.#recent.length > KEPT) {
        this.#recent.shift();
      }
    }
    return this.#recent.findLast((report) => report.tick.startsAt <= time);
  }

  #after({ tick, answeredAt }: Report): Report {
    return this.#reportFrom(this.#rule.after(tick, answeredAt), answeredAt + this.#rule.frequency);
  }

  /** The report at the first tick, from this one on, that finds it due. */
  #reportFrom(upcoming: Tick, dueAt: Micros): Report {
    let tick = upcoming;
    while (tick.startsAt < dueAt) {
      tick = this.#rule.after(tick, tick.startsAt);
    }
    return { tick, answeredAt: tick.startsAt + this.#rule.toServer + this.#rule.toClient };
  }
}

function withHeartbeat(node: Node, lastHeartbeatTime: Micros): Node {
  const { conditions = [] } = node.status ?? {};
  const isNews = lastHeartbeatTime > (conditionOf(conditions, 'Ready')?.lastHeartbeatTime ?? Number.NEGATIVE_INFINITY);
  const beaten = (condition: NodeCondition): NodeCondition =>
    isKubeletCondition(condition) ? { ...condition, lastHeartbeatTime } : condition;
  return isNews ? { ...node, status: { ...node.status, conditions: conditions.map(beaten) } } : node;
}
