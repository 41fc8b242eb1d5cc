import type { ObjectKey } from '../../engine/index.js';
import { type CronJob, controllerOf, type Job, keyFor, keyOf } from '../api/index.js';
import { Controller, type ControllerContext, type Informer, type SyncResult } from '../client-go/index.js';
import type { CronJobControllerConfiguration } from './config.js';
import { CronJobSync, type CronJobSyncHost } from './cron-job-sync.js';
import { parseCronSchedule } from './cron-schedule.js';
import { formatSchedule, untilNext } from './decisions.js';

/** Creates Jobs by the calendar. Mirrors pkg/controller/cronjob. */
export class CronJobController extends Controller {
  readonly name = 'cronjob-controller';
  readonly #host: CronJobSyncHost;
  readonly #cronJobs: Informer<CronJob>;
  readonly #jobs: Informer<Job>;

  constructor(context: ControllerContext, config: CronJobControllerConfiguration) {
    super(context, { workers: config.workers });
    const client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#host = { client, events: context.api.eventRecorder(client, { component: this.name }), config };
    this.#cronJobs = context.informers.informer('CronJob');
    this.#jobs = context.informers.informer('Job');
    const wake = (cronJob: CronJob): void => this.enqueue(keyOf(cronJob));
    this.#cronJobs.onChange({
      added: wake,
      modified: (cronJob, before) => this.#onCronJobModified(cronJob, before),
      deleted: wake,
    });
    this.#jobs.onChange({
      added: (job) => this.#wakeOwner(job),
      modified: (job, before) => {
        if (controllerOf(job)?.uid !== controllerOf(before)?.uid) {
          this.#wakeOwner(before);
        }
        this.#wakeOwner(job);
      },
      deleted: (job) => this.#wakeOwner(job),
    });
  }

  override stop(): void {
    super.stop();
    this.#host.client.abandon();
    this.#host.events.reset();
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const cronJob = this.#cronJobs.get(key);
    if (cronJob === undefined) {
      done('done');
      return;
    }
    const jobs = [...this.#jobs.byIndex('owner', cronJob.metadata.uid ?? '')];
    new CronJobSync(this.#host, cronJob, jobs, this.context.simulation.now).run(done);
  }

  /** A new schedule sets the next look; anything else is looked at now. As updateCronJob. */
  #onCronJobModified(cronJob: CronJob, before: CronJob): void {
    const { schedule, timeZone } = cronJob.spec;
    if (schedule === before.spec.schedule && timeZone === before.spec.timeZone) {
      this.enqueue(keyOf(cronJob));
      return;
    }
    try {
      const parsed = parseCronSchedule(formatSchedule(cronJob));
      this.enqueueAfter(keyOf(cronJob), untilNext(cronJob, parsed, this.context.simulation.now, this.#host.config));
    } catch {
      const message = `unparseable schedule for cronjob: ${schedule}`;
      this.#host.events.event(cronJob, 'Warning', 'UnParseableCronJobSchedule', message);
    }
  }

  #wakeOwner(job: Job): void {
    const owner = controllerOf(job);
    const cronJob =
      owner?.kind === 'CronJob' ? this.#cronJobs.get(keyFor(job.metadata.namespace, owner.name)) : undefined;
    if (cronJob && cronJob.metadata.uid === owner?.uid) {
      this.enqueue(keyOf(cronJob));
    }
  }
}

export const createCronJobController = (
  context: ControllerContext,
  config: CronJobControllerConfiguration,
): CronJobController => new CronJobController(context, config);
