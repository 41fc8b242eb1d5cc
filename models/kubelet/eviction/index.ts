export { type EvictionConfiguration, effectiveEvictionHard, evictionSettings } from './config.js';
export {
  chooseVictim,
  criticalLevel,
  type Eviction,
  type EvictionPass,
  type EvictionSettings,
  type EvictionState,
  type EvictionView,
  FIRST_EVICTION_STATE,
  isQuiet,
  isReclaimed,
  type NodeReclaim,
  type Reclaim,
  synchronize,
} from './decisions.js';
export { rankPods } from './ranking.js';
export {
  type FsStats,
  type MemoryStats,
  type NodeStats,
  type Observation,
  type Observations,
  type PressureCondition,
  type Signal,
  type StarvedResource,
  signalObservations,
} from './signals.js';
export {
  type DiskLayout,
  hardEvictionReservation,
  parseThresholdConfig,
  type Threshold,
  type ThresholdConfiguration,
  type ThresholdValue,
} from './thresholds.js';
export type { ContainerUsage, FsUsage, PodUsage, UsageOf } from './usage.js';
