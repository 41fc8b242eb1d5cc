import { type Micros, wholeSecond } from '../../../engine/index.js';
import { conditionOf, type Node, type NodeCondition } from '../../api/index.js';
import type { ComputedVersion, ComputedVersions } from '../../client-go/index.js';
import { isKubeletCondition } from './decisions.js';
import { Foretold } from './foretold.js';

/** One run of the status loop: its place among all that this kubelet made, and when it starts. */
export interface Tick {
  readonly ordinal: number;
  readonly startsAt: Micros;
}

/** The tick of a report, and when the kubelet hears that it got through. */
export interface Report extends ComputedVersion {
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

/** The Node of a kubelet that has nothing new to report: only its heartbeat times move, every so often. */
export class ReportVersions implements ComputedVersions<Node> {
  readonly #rule: ReportRule;
  readonly #reports: Foretold<Report>;
  #made: { readonly report: Report; readonly stored: Node; readonly node: Node } | undefined;

  constructor(rule: ReportRule) {
    this.#rule = rule;
    this.#reports = new Foretold(this.#reportFrom(rule.upcoming, rule.dueAt), ({ tick, answeredAt }) =>
      this.#reportFrom(rule.after(tick, answeredAt), answeredAt + rule.frequency),
    );
  }

  at(time: Micros, stored: Node): Node {
    const report = this.#reports.at(time);
    if (report === undefined) {
      return stored;
    }
    if (this.#made?.report !== report || this.#made.stored !== stored) {
      this.#made = { report, stored, node: withHeartbeat(stored, report.stamp) };
    }
    return this.#made.node;
  }

  versionAt(time: Micros): ComputedVersion | undefined {
    return this.#reports.at(time);
  }

  nextAfter(time: Micros): Micros {
    const report = this.#reports.at(time);
    return (report === undefined ? this.#reports.first : this.#reports.after(report)).since;
  }

  ceased(): void {
    this.#rule.ceased();
  }

  /** No report that arrives after this time is told any more; those before still are. */
  freeze(time: Micros): void {
    this.#reports.freeze(time);
  }

  /** The last report whose tick starts at `time` or before; undefined when that is before the first one. */
  sentBy(time: Micros): Report | undefined {
    return this.#reports.sentBy(time, ({ tick }) => tick.startsAt);
  }

  /** The report at the first tick, from this one on, that finds it due. */
  #reportFrom(upcoming: Tick, dueAt: Micros): Report {
    const { after, toServer, toClient } = this.#rule;
    let tick = upcoming;
    while (tick.startsAt < dueAt) {
      tick = after(tick, tick.startsAt);
    }
    const since = tick.startsAt + toServer;
    return { tick, since, answeredAt: since + toClient, stamp: wholeSecond(tick.startsAt) };
  }
}

function withHeartbeat(node: Node, lastHeartbeatTime: Micros): Node {
  const { conditions = [] } = node.status ?? {};
  const isNews = lastHeartbeatTime > (conditionOf(conditions, 'Ready')?.lastHeartbeatTime ?? Number.NEGATIVE_INFINITY);
  const beaten = (condition: NodeCondition): NodeCondition =>
    isKubeletCondition(condition) ? { ...condition, lastHeartbeatTime } : condition;
  return isNews ? { ...node, status: { ...node.status, conditions: conditions.map(beaten) } } : node;
}
