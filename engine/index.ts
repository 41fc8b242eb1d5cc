export { InvariantError, invariant } from './invariant.js';
export { BucketEventQueue } from './loop/bucket-event-queue.js';
export type { EventQueue, EventQueueKind } from './loop/event-queue.js';
export type { EventHandle } from './loop/one-shots.js';
export { Simulation, type SimulationOptions } from './loop/simulation.js';
export { TimerBank } from './loop/timer-bank.js';
export { TinyEventQueue } from './loop/tiny-event-queue.js';
export { constant, type Distribution } from './random/distribution.js';
export { draw, lognormalFromQuantiles } from './random/draw.js';
export { RandomSource } from './random/random-source.js';
export { type EntityKey, entityKey, RandomStream } from './random/random-stream.js';
export { MemorySink, type Recorded } from './record/memory-sink.js';
export { Recorder } from './record/recorder.js';
export type { Column, Columns, Timeline, TimelineSink, TimelineSpec } from './record/timeline.js';
export { SlotTable } from './store/slot-table.js';
export { type ObjectAccess, type ObjectKey, type Refusal, Store, type Watcher, type Written } from './store/store.js';
export { formatDuration, parseDuration } from './time/duration.js';
export {
  MICROS_PER_SECOND,
  type Micros,
  milliseconds,
  type Seconds,
  seconds,
  toSeconds,
  wholeSecond,
} from './time/micros.js';
export { formatRfc3339, parseRfc3339, type UnixMicros } from './time/rfc3339.js';
