export type {
  ApiClient,
  ApiConnection,
  ApiError,
  ApplyOptions,
  ClientOptions,
  DeleteOptions,
  Draft,
  ErrorReason,
  Reply,
  StatusCause,
  Then,
  Writer,
} from './api-client.js';
export { Backoff } from './backoff.js';
export { type ClaimRequest, claimObjects } from './claim-objects.js';
export { ClaimUsers } from './claim-users.js';
export type { Component } from './component.js';
export type { ComputedObjects, ComputedVersion, ComputedVersions, ConstantLatency } from './computed.js';
export type { ControllerContext } from './context.js';
export { Controller, type ControllerSettings, type SyncResult } from './controller.js';
export { ControllerHistory, type EnsuredRevision, revisionsToTruncate } from './controller-history.js';
export { CorrelatingEventRecorder } from './correlating-event-recorder.js';
export type { CorrelatorSettings } from './event-correlator.js';
export { type EventRecorder, type EventSource, type Regarding, SILENT_EVENT_RECORDER } from './event-recorder.js';
export { Expectations } from './expectations.js';
export { inParallel } from './in-parallel.js';
export { allAtOnce, inTurn } from './in-turn.js';
export type { FieldSelector, IndexName, Informer, InformerFactory } from './informer.js';
export { InformerCache } from './informer-cache.js';
export { KeyQueue } from './key-queue.js';
export {
  heldLease,
  LeaderElection,
  type LeaderElectionOptions,
  type LeaderElectionSettings,
} from './leader-election.js';
export { LoopGrid } from './loop-grid.js';
export type {
  ContainerMetrics,
  MetricsClient,
  MetricsReply,
  MetricsThen,
  MetricValue,
  PodMetricsItem,
} from './metrics-client.js';
export { OwnWrites } from './own-writes.js';
export { isNamespaceTerminating, PodControl } from './pod-control.js';
export { defaultControllerRateLimiter, ExponentialFailureLimiter, type RateLimiter } from './rate-limiter.js';
export { RecentMap } from './recent-map.js';
export type { Placement, SchedulingSimulation } from './scheduling-simulation.js';
export { SeriesEventRecorder, type SeriesSettings } from './series-event-recorder.js';
export { type CallEnded, slowStartBatch } from './slow-start.js';
export { TokenBucket } from './token-bucket.js';
export { WorkQueue } from './work-queue.js';
