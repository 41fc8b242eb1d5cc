import type { Distribution } from '../../engine/random/distribution.js';
import type { Micros } from '../../engine/time/micros.js';
import type { Need } from './surroundings.js';

export type { Need } from './surroundings.js';

/**
 * What the process inside a container does: the part of the world that no manifest says. Times are distributions in Micros,
 * drawn per container and restart. Everything left out takes the value its comment names.
 */
export interface ContainerBehaviour {
  /** From the runtime's start call until the process runs. Default: WorldSettings.containerStart. */
  readonly start?: Distribution;
  /** From running until the process serves: readiness and startup probes succeed, ports answer. Default: at once. 'never' too. */
  readonly ready?: Distribution | 'never';
  /** How each successive run ends; the last entry repeats. Default: it runs until it is stopped. */
  readonly exits?: readonly ContainerExit[];
  /** Answer to SIGTERM. Default: exits with 143 (128+15) after WorldSettings.containerStop. */
  readonly sigterm?: { readonly exitsAfter: Distribution; readonly exitCode?: number } | 'ignored';
  /** Windows of failure per probe, counted from the process's start; outside them the probe succeeds once ready. */
  readonly probes?: { readonly [probe in ProbeKind]?: ProbeBehaviour };
  /** Lifecycle hooks, where the manifest does not say it all. Default: `sleep` sleeps, anything else succeeds at once. */
  readonly postStart?: HookBehaviour;
  readonly preStop?: HookBehaviour;
  /** Bytes of working set over the life of one run. Default: none. */
  readonly memory?: UsageCurve;
  /** Cores used over the life of one run. Default: none. */
  readonly cpu?: UsageCurve;
  /** Cores used besides, by the requests to a Service that this container serves a part of. Default: none. */
  readonly cpuLoad?: RequestLoad;
  /** Bytes in the writable layer over the life of one run; they go when the dead container is removed. Default: none. */
  readonly disk?: UsageCurve;
  /** Files in the writable layer. Default: none. */
  readonly inodes?: UsageCurve;
  /** Bytes of logs over the life of one run; rotation keeps them below what the kubelet allows. Default: none. */
  readonly logs?: UsageCurve;
  /** Bytes in emptyDir volumes of the pod, by name, over all the time that the container runs. Default: none. */
  readonly volumes?: { readonly [volume: string]: UsageCurve };
  /** Exit code with which it crashes when a disk that it writes to is full. Default: it goes on, and what it writes is lost. */
  readonly exitsOnFullDisk?: number;
  /** Processes over the life of one run. Default: none that are counted. */
  readonly processes?: UsageCurve;
}

export type ProbeKind = 'liveness' | 'readiness' | 'startup';

export interface HookBehaviour {
  /** Default: as long as its `sleep` says, else no time. */
  readonly takes?: Distribution;
  readonly fails?: boolean;
}

export interface ContainerExit {
  /** Time from running to exit. Left out where `until` says when. */
  readonly after?: Distribution;
  /** It looks from its start on, every so often, and exits when it finds what it needs. */
  readonly until?: { readonly need: Need; readonly every: Micros };
  /** It looks when it would exit, and runs on if it finds this. */
  readonly unless?: Need;
  readonly code: number;
  /** 'OOMKilled', 'Error', …; default by the code. */
  readonly reason?: string;
}

export interface ProbeBehaviour {
  /** Time windows from the start of the run in which the probe fails; `until` absent: for good. */
  readonly failing?: readonly { readonly from: Micros; readonly until?: Micros }[];
  /** Chance that one attempt fails by itself, 0 to 1. */
  readonly failureProbability?: number;
  /** The probe fails while this is not met. */
  readonly dependsOn?: Need;
  /** How long an attempt takes; longer than the probe's time-out is a failure. Default: at once. */
  readonly latency?: Distribution;
}

/** Requests to a Service, which its ready endpoints share evenly. */
export interface RequestLoad {
  /** Name of the Service, in the namespace of the pod. */
  readonly service: string;
  /** Requests a second to the whole Service, over the time of the run. */
  readonly requestsPerSecond: UsageCurve;
  /** Core-seconds that one request costs. */
  readonly cpuPerRequest: number;
}

/** Piecewise linear usage: `base`, growing by `growthPerSecond` up to `limit`; or the points given, held after the last. */
export interface UsageCurve {
  readonly base: number;
  readonly growthPerSecond?: number;
  readonly limit?: number;
  readonly points?: readonly { readonly at: Micros; readonly value: number }[];
}
