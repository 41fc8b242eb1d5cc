import type { Container, Pod, PodStatus, Probe } from '../../api/index.js';
import type { ProbeTarget } from '../../world/index.js';
import type { ProbeAttempt, ProbeView, ProbeWorker } from './decisions.js';
import type { FailureCause } from './failure-output.js';
import type { Sleeper } from './wake-table.js';

/** A container as the workers that were made for it at one time see it. */
export interface Probed {
  /** As it was when the workers were made; they never see a newer one. */
  readonly pod: Pod;
  readonly container: Container;
  /** The pod's status when the view was made: the view holds as long as that. */
  status: PodStatus | undefined;
  view: ProbeView;
  /** The runtime's id of the container in that view. */
  containerId: string | undefined;
}

/** One worker and what it needs of the world. */
export interface Probing extends Sleeper {
  readonly worker: ProbeWorker;
  readonly probed: Probed;
  readonly probe: Probe;
  target: { readonly containerId: string; readonly target: ProbeTarget } | undefined;
  /** What the process has answered since the worker was last looked at. */
  answer: ProbeAttempt;
  attempts: number;
  /** Of the last attempt, if that did not succeed. */
  cause: FailureCause;
}

export const newlyProbed = (pod: Pod, container: Container): Probed => ({
  pod,
  container,
  status: undefined,
  view: {
    container: undefined,
    podIsTerminal: false,
    podIsBeingDeleted: pod.metadata.deletionTimestamp !== undefined,
    willRestart: () => true,
  },
  containerId: undefined,
});

/** How many failures by chance are foretold at most. */
const FAILURES_AHEAD = 16;

/** The next attempt whose failure by chance could be noticed: by its Event, or because it is not the first in a row. */
export function nextNoticedFailure(
  { answer, attempts, probe, worker }: Probing,
  target: ProbeTarget,
  areEventsRead: boolean,
): number {
  let fails = target.nextChanceFailure(attempts);
  const isNoticed = areEventsRead || (probe.failureThreshold ?? 3) === 1 || !worker.isPassing;
  if (isNoticed || answer.takes > 0 || (worker.hasJustFailed && fails === attempts)) {
    return fails;
  }
  for (let i = 0; i < FAILURES_AHEAD; i++) {
    const next = target.nextChanceFailure(fails + 1);
    if (next === fails + 1) {
      return next;
    }
    fails = next;
  }
  return fails;
}
