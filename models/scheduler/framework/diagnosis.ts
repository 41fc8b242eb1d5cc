import { isRejection, type Status } from './status.js';

/** Why no node was found. As Diagnosis (pkg/scheduler/framework/types.go). */
export class Diagnosis {
  /** What was said of each node that was looked at and refused. */
  readonly statuses = new Map<string, Status>();
  /** What holds for every node not in `statuses`; undefined when nothing was said of them. */
  absentStatus: Status | undefined;
  /** Plugins whose events wake the pod again. */
  readonly unschedulablePlugins = new Set<string>();
  readonly pendingPlugins = new Set<string>();
  /** Set when the pod was refused before any node was looked at. */
  preFilterMessage = '';
  postFilterMessage = '';

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
function reasonHistogram(nodeCount: number, { statuses, absentStatus }: Diagnosis): string {
  const counts = new Map<string, number>();
  const count = (status: Status, times: number): void => {
    for (const reason of status.reasons) {
      counts.set(reason, (counts.get(reason) ?? 0) + times);
    }
  };
  for (const status of statuses.values()) {
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
