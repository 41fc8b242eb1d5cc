import { type Micros, parseDuration, type Seconds, seconds } from '../../engine/index.js';
import type { Defaults } from '../versions/index.js';
import type { ProfileConfiguration } from './configuration/build-profile.js';
import type { CycleOptions } from './framework/cycle.js';
import { DEFAULT_ARGUMENTS } from './plugins/arguments.js';
import type { QueueSettings } from './queue/scheduling-queue.js';

/** Settings of the scheduler, its units turned into Micros. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ProfileConfiguration[];
  readonly cycle: Pick<CycleOptions, 'percentageOfNodesToScore' | 'tieRule' | 'nominatedNodeResetsStart'>;
  readonly queue: QueueSettings;
  /** Each of its two clients, the main one and that of events, has a token bucket of this size. */
  readonly client: { readonly qps: number; readonly burst: number };
  /** How long one pod occupies the scheduling loop. */
  readonly schedulingCycle: Micros;
  readonly bindTries: number;
  readonly defaults: Defaults['kubeScheduler'];
}

/** The scheduler as it runs without a configuration file. */
export function schedulerConfiguration({ kubeScheduler }: Defaults): SchedulerConfiguration {
  const second = (amount: number): Micros => seconds(amount as Seconds);
  return {
    profiles: [
      {
        schedulerName: 'default-scheduler',
        percentageOfNodesToScore: undefined,
        plugins: undefined,
        args: DEFAULT_ARGUMENTS,
      },
    ],
    cycle: {
      percentageOfNodesToScore: kubeScheduler.percentageOfNodesToScore,
      tieRule: kubeScheduler.tieRule === 'heap' ? 'heap' : 'reservoir',
      nominatedNodeResetsStart: kubeScheduler.nominatedNodeResetsStart,
    },
    queue: {
      podInitialBackoff: second(kubeScheduler.podInitialBackoffSeconds),
      podMaxBackoff: second(kubeScheduler.podMaxBackoffSeconds),
      podMaxInUnschedulablePodsDuration: parseDuration(kubeScheduler.podMaxInUnschedulablePodsDuration),
      ...kubeScheduler.queue,
    },
    client: { qps: kubeScheduler.clientQps, burst: kubeScheduler.clientBurst },
    schedulingCycle: parseDuration(kubeScheduler.schedulingCycle),
    bindTries: kubeScheduler.bindTries,
    defaults: kubeScheduler,
  };
}
