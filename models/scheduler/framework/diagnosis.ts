import { isRejection, type Status } from './status.js';

/** What was said of nodes, by name. */
export interface Refusals extends Iterable<readonly [string, Status]> {
  readonly size: number;
  get(nodeName: string): Status | undefined;
}

/** Refusals that somebody keeps between pods of one kind; good until nodes or pods change. */
export interface KeptRefusals extends Refusals {
  /** 1 where preemption may help, by the node's slot. */
  readonly isResolvable: Uint8Array;
  readonly resolvableCount: number;
  /** How many nodes there are by what was said of them. */
  readonly byStatus: ReadonlyMap<Status, number>;
  readonly kind: KindMemo;
}

/** What preemption may keep between pods of one kind. */
export interface KindMemo {
  /** By priority: anything that holds until nodes or pods change, and victims by node. */
  readonly untilChange: Map<string, unknown>;
  readonly victims: Map<number, { forget(slot: number): void }>;
}

/** Why no node was found. As Diagnosis (pkg/scheduler/framework/types.go). */
export class Diagnosis {
  readonly #own = new Map<string, Status>();
  readonly kept: KeptRefusals | undefined;
  /** What holds for every node not in `statuses`; undefined when nothing was said of them. */
  absentStatus: Status | undefined;
  /** Plugins whose events wake the pod again. */
  readonly unschedulablePlugins = new Set<string>();
  readonly pendingPlugins = new Set<string>();
  /** Set when the pod was refused before any node was looked at. */
  preFilterMessage = '';
  postFilterMessage = '';

  constructor(kept?: KeptRefusals) {
    this.kept = kept;
    for (const status of kept?.byStatus.keys() ?? []) {
      this.addRejector(status);
    }
  }

  /** What was said of each node that was looked at and refused. */
  get statuses(): Refusals {
    return this.kept ?? this.#own;
  }

  refuse(nodeName: string, status: Status): void {
    this.#own.set(nodeName, status);
  }

  statusOf(nodeName: string): Status | undefined {
    return this.statuses.get(nodeName) ?? this.absentStatus;
  }

  addRejector(status: Status): void {
    if (status.plugin === '' || !isRejection(status)) {
      return;
    }
    if (status.code === 'Pending') {
      this.pendingPlugins.add(status.plugin);
    } else {
      this.unschedulablePlugins.add(status.plugin);
    }
  }
}

export const NO_NODES_MESSAGE = 'no nodes available to schedule pods';

/** The text of condition PodScheduled and of event FailedScheduling. As FitError.Error (pkg/scheduler/framework/types.go). */
export function fitErrorMessage(nodeCount: number, diagnosis: Diagnosis): string {
  let text = `0/${nodeCount} nodes are available:`;
  if (diagnosis.preFilterMessage !== '') {
    text += ` ${diagnosis.preFilterMessage}.`;
  } else {
    const histogram = reasonHistogram(nodeCount, diagnosis);
    if (histogram !== '') {
      text += ` ${histogram}.`;
    }
  }
  return diagnosis.postFilterMessage === '' ? text : `${text} ${diagnosis.postFilterMessage}`;
}

/** "2 Insufficient cpu, 3 …": sorted as text. */
function reasonHistogram(nodeCount: number, { statuses, kept, absentStatus }: Diagnosis): string {
  const counts = new Map<string, number>();
  const count = (status: Status, times: number): void => {
    for (const reason of status.reasons) {
      counts.set(reason, (counts.get(reason) ?? 0) + times);
    }
  };
  for (const [status, nodes] of kept?.byStatus ?? []) {
    count(status, nodes);
  }
  for (const [, status] of kept === undefined ? statuses : []) {
    count(status, 1);
  }
  if (absentStatus !== undefined && nodeCount > statuses.size) {
    count(absentStatus, nodeCount - statuses.size);
  }
  return [...counts]
    .map(([reason, times]) => `${times} ${reason}`)
    .sort()
    .join(', ');
}
