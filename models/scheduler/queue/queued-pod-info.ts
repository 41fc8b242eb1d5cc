import type { Micros } from '../../../engine/index.js';
import type { QueuedPod } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';

/** A pod that waits to be placed, with what its attempts left. As QueuedPodInfo (pkg/scheduler/framework/types.go). */
export class QueuedPodInfo implements QueuedPod {
  pod: PodInfo;
  /** When it was added, or failed last. */
  timestamp: Micros;
  sequence: number;
  readonly addedAt: Micros;
  /** How often it was taken from the queue. */
  attempts = 0;
  /** How often plugins refused it. */
  unschedulableCount = 0;
  /** How often in a row something else went wrong. */
  consecutiveErrorsCount = 0;
  /** Plugins that refused it at the last attempt, or before it entered. */
  readonly unschedulablePlugins = new Set<string>();
  readonly pendingPlugins = new Set<string>();
  /** The PreEnqueue plugin that holds it back; '' when none does. */
  gatingPlugin = '';
  /** When the time limit of the pool last sent it on. */
  flushedAt: Micros = Number.NEGATIVE_INFINITY;
  /** The scheduling cycle in which it was taken out; for versions without hints. */
  schedulingCycle = 0;

  constructor(pod: PodInfo, now: Micros, sequence: number) {
    this.pod = pod;
    this.timestamp = now;
    this.addedAt = now;
    this.sequence = sequence;
  }

  get key(): string {
    return this.pod.key;
  }

  get isGated(): boolean {
    return this.gatingPlugin !== '';
  }

  /** Refused by plugins, rather than hit by an error. */
  get hasRejectors(): boolean {
    return this.unschedulablePlugins.size > 0 || this.pendingPlugins.size > 0;
  }
}
