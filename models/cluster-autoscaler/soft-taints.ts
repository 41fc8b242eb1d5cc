import type { Micros, Simulation } from '../../engine/index.js';
import type { Node } from '../api/index.js';
import type { ApiClient } from '../client-go/index.js';
import type { ScaleDownConfiguration } from './config.js';
import { DELETION_CANDIDATE_TAINT, hasTaintOf, isBeingRemoved, withoutTaint, withTaint } from './decisions.js';

/** Which nodes to unmark and which to mark, in this order, as far as the count allows. As UpdateSoftDeletionTaints. */
export function softTaintChanges(
  nodes: readonly Node[],
  unneeded: ReadonlySet<string>,
  maxCount: number,
): readonly { readonly node: string; readonly marks: boolean }[] {
  const open = nodes.filter((node) => !isBeingRemoved(node));
  const differing = (marks: boolean): readonly { node: string; marks: boolean }[] =>
    open
      .filter(
        (node) => unneeded.has(node.metadata.name) === marks && hasTaintOf(node, DELETION_CANDIDATE_TAINT) !== marks,
      )
      .map(({ metadata }) => ({ node: metadata.name, marks }));
  return [...differing(false), ...differing(true)].slice(0, Math.max(0, maxCount));
}

/**
 * Marks nodes that nobody needs, so that kube-scheduler prefers others. As UpdateSoftDeletionTaints (autoscaler
 * cluster-autoscaler/core/scaledown/actuation/softtaint.go): one call after the other, until the time is over.
 */
export class SoftTaints {
  readonly #simulation: Simulation;
  readonly #client: ApiClient;
  readonly #config: ScaleDownConfiguration;
  readonly #unixTime: () => number;

  constructor(simulation: Simulation, client: ApiClient, config: ScaleDownConfiguration, unixTime: () => number) {
    this.#simulation = simulation;
    this.#client = client;
    this.#config = config;
    this.#unixTime = unixTime;
  }

  update(nodes: readonly Node[], unneeded: ReadonlySet<string>): void {
    const { maxBulkSoftTaintCount, maxBulkSoftTaintTime } = this.#config;
    const changes = softTaintChanges(nodes, unneeded, maxBulkSoftTaintCount);
    this.#next(changes, this.#simulation.now + maxBulkSoftTaintTime);
  }

  #next([change, ...rest]: ReturnType<typeof softTaintChanges>, until: Micros): void {
    if (change === undefined || this.#simulation.now >= until) {
      return;
    }
    const value = String(this.#unixTime());
    this.#client.patch(
      'Node',
      change.node,
      (node) =>
        change.marks
          ? withTaint(node, { key: DELETION_CANDIDATE_TAINT, value, effect: 'PreferNoSchedule' })
          : withoutTaint(node, DELETION_CANDIDATE_TAINT),
      () => this.#next(rest, until),
    );
  }
}
