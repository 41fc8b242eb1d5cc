import type { Micros, Seconds } from '../../../engine/index.js';
import type { Pod, PodStatus } from '../../api/index.js';
import type { IdleSync } from '../sync-pod/idle-sync.js';
import type { SyncError } from './decisions.js';

export type UpdateType = 'create' | 'update' | 'sync' | 'kill';

export type WorkType = 'sync' | 'terminating' | 'terminated';

/** How somebody wants a pod killed. */
export interface KillOptions {
  readonly gracePeriodOverride?: Seconds | undefined;
  readonly isEviction?: boolean;
  /** Puts into the pod's status why it is killed. */
  readonly changeStatus?: (status: PodStatus) => PodStatus;
  /** All its containers are gone. */
  readonly onCompleted?: () => void;
}

/** What a worker is asked to do: the pod as it is wanted now. */
export interface PodUpdate {
  readonly type: UpdateType;
  readonly pod: Pod;
  readonly kill?: KillOptions | undefined;
}

/** Resyncs that would do what the last sync did: nothing. */
export interface LeftOutResyncs {
  /** When the first of them is due. */
  readonly due: Micros;
  /** How the last sync ended, and so each of them. */
  readonly error: SyncError | undefined;
  /** From this instant on they may do something. */
  readonly until: Micros;
}

/**
 * What is known of a pod's way through its worker. As podSyncStatus (k8s 1.37 pkg/kubelet/pod_workers.go): syncing, then
 * terminating, then terminated, then finished; one action at a time, wishes merged to the latest.
 */
export class PodWorker {
  readonly uid: string;
  /** Undefined for a pod that only the runtime knows. */
  pod: Pod | undefined;
  /** It began its first action. */
  isStarted = false;
  terminatingAt: Micros | undefined;
  /** The worker itself has seen that it is to terminate: no container will be started any more. */
  hasStartedTerminating = false;
  terminatedAt: Micros | undefined;
  /** Nothing is left to do. */
  isFinished = false;
  isDeleted = false;
  isEvicted = false;
  /** A pod with the same uid was wanted again while this one was on its way out. */
  isRestartRequested = false;
  /** 0 while none was set. */
  gracePeriod: Seconds = 0;
  /** The last sync, if it did nothing and the same again would do nothing. */
  idle: IdleSync | undefined;
  pending: PodUpdate | undefined;
  active: PodUpdate | undefined;
  isBusy = false;
  /** End of its last action; the next one wants to know of the runtime what is newer. */
  lastSyncAt: Micros = Number.NEGATIVE_INFINITY;
  /** Resyncs that are left out, since they would do nothing. */
  leftOut: LeftOutResyncs | undefined;
  /** The action under way has become pointless: where it waits it is to give up. */
  isCanceled = false;
  /** Breaks off a wait of the action under way. */
  cancel: (() => void) | undefined;
  /** Called when all containers are gone. */
  onTerminated: (() => void)[] | undefined;
  changeStatus: ((status: PodStatus) => PodStatus) | undefined;

  constructor(uid: string) {
    this.uid = uid;
  }

  get workType(): WorkType {
    if (this.terminatedAt !== undefined) {
      return 'terminated';
    }
    return this.terminatingAt === undefined ? 'sync' : 'terminating';
  }

  get isTerminationRequested(): boolean {
    return this.terminatingAt !== undefined;
  }

  get isTerminated(): boolean {
    return this.terminatedAt !== undefined;
  }
}
