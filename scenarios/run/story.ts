import type { Micros } from '../../engine/index.js';

/** A stretch of time and the setting that owns it. */
export interface Segment {
  readonly seconds: number;
  /** "--node-monitor-grace-period=50s" */
  readonly setting: string;
  readonly what: string;
}

/** What became of one pod that a fault struck. Times are absent when it did not happen before the run ended. */
export interface PodStory {
  readonly pod: string;
  readonly node: string;
  /** Set to not Ready by the control plane or the kubelet. */
  readonly notReadyAt?: Micros;
  /** Its deletion began: evicted, or deleted. */
  readonly leftAt?: Micros;
  /** Gone from the API. */
  readonly goneAt?: Micros;
  /** Its containers run again after a restart. */
  readonly restartedAt?: Micros;
  /** Ready again by itself; what befalls it later is not the fault's doing. */
  readonly recoveredAt?: Micros;
  readonly replacedBy?: string;
  readonly replacementNode?: string;
  readonly replacementCreatedAt?: Micros;
  /** Its node joined only after it was created, in whole seconds as the API says. */
  readonly replacementNodeJoinedAt?: Micros;
  readonly replacementBoundAt?: Micros;
  readonly replacementStartedAt?: Micros;
  readonly replacementReadyAt?: Micros;
}

export interface NodeStory {
  readonly node: string;
  /** The last renewal of its lease before the fault struck. */
  readonly lastRenewedAt?: Micros;
  /** Its Ready condition became Unknown or False. */
  readonly noticedAt?: Micros;
  /** By its own kubelet, which said that it is not ready. */
  readonly isTold?: boolean;
  /** It got a NoExecute taint. */
  readonly taintedAt?: Micros;
  /** Ready again. */
  readonly recoveredAt?: Micros;
}

/** A Service that had endpoints on what the fault struck. */
export interface ServiceStory {
  readonly service: string;
  /** Ready endpoints just before the fault. */
  readonly before: number;
  /** Fewest that were ready and alive. */
  readonly lowest: number;
  readonly brokenAt?: Micros;
  readonly wholeAt?: Micros;
}

/** What a fault did, as far as the API shows it. */
export interface FaultStory {
  readonly kind: string;
  readonly at: Micros;
  readonly healedAt?: Micros;
  /** Whether the containers it struck were dead at once, before anybody noticed. */
  readonly isDeadly: boolean;
  readonly nodes: readonly NodeStory[];
  readonly pods: readonly PodStory[];
  readonly services: readonly ServiceStory[];
  /** The longest way from the fault to a ready pod, second by second. */
  readonly segments: readonly Segment[];
}
