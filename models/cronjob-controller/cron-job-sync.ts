import type { Micros } from '../../engine/index.js';
import {
  type CronJob,
  type CronJobStatus,
  controllerOf,
  isBeingDeleted,
  type Job,
  keyFor,
  keyOf,
  type ObjectReference,
} from '../api/index.js';
import {
  type ApiClient,
  type ApiError,
  type Draft,
  type EventRecorder,
  inTurn,
  isNamespaceTerminating,
  type SyncResult,
} from '../client-go/index.js';
import type { CronJobControllerConfiguration } from './config.js';
import { type CronSchedule, parseCronSchedule } from './cron-schedule.js';
import { dueNow, formatSchedule, unixOf, untilNext } from './decisions.js';
import { endOf, jobFor, jobName, jobsToCleanUp, referenceTo, rfc1123 } from './jobs.js';
import { loadTimeZone } from './time-zone.js';

type Ended = (error?: ApiError) => void;

/** What a sync works with. */
export interface CronJobSyncHost {
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly config: CronJobControllerConfiguration;
}

/** How it ended: when to look again (undefined: when something changes), or the error. */
interface Finished {
  readonly requeueAfter?: Micros;
  readonly error?: ApiError;
}

/** One look at a CronJob. As sync and syncCronJob (pkg/controller/cronjob/cronjob_controllerv2.go). */
export class CronJobSync {
  readonly #host: CronJobSyncHost;
  #cronJob: CronJob;
  readonly #jobs: readonly Job[];
  readonly #now: Micros;
  #active: readonly ObjectReference[];
  #status: CronJobStatus;
  #isChanged = false;

  constructor(host: CronJobSyncHost, cronJob: CronJob, jobs: readonly Job[], now: Micros) {
    this.#host = host;
    this.#cronJob = cronJob;
    this.#jobs = jobs;
    this.#now = now;
    this.#status = cronJob.status ?? {};
    this.#active = this.#status.active ?? [];
  }

  run(done: (result: SyncResult) => void): void {
    inTurn<Job, ApiError>(
      jobsToCleanUp(this.#cronJob, this.#jobs),
      (job, ended) => this.#delete(job, () => ended()),
      () =>
        this.#reconcile((finished) =>
          this.#writeStatus((statusError) => {
            const { requeueAfter, error } = finished;
            if (statusError || (error && requeueAfter === undefined)) {
              done('retry');
            } else {
              done(requeueAfter === undefined ? 'done' : { requeueAfter });
            }
          }),
        ),
    );
  }

  #reconcile(then: (finished: Finished) => void): void {
    inTurn<Job, ApiError>(
      this.#jobs,
      (job, ended) => this.#note(job, ended),
      (error) => (error ? then({ error }) : this.#startUnlessHeld(then)),
    );
  }

  #startUnlessHeld(then: (finished: Finished) => void): void {
    this.#findMissing((error) => {
      if (error) {
        then({ error });
      } else if (isBeingDeleted(this.#cronJob) || this.#hasUnknownZone() || this.#cronJob.spec.suspend) {
        then({});
      } else {
        this.#startIfDue(then);
      }
    });
  }

  /** Takes finished Jobs off the active list; one that runs and is not listed is looked for in the server's list too. */
  #note(job: Job, ended: Ended): void {
    const isListed = ({ uid }: ObjectReference): boolean => uid === job.metadata.uid;
    const isActive = this.#active.some(isListed);
    const end = endOf(job);
    if (isActive || end !== undefined) {
      this.#noteEnd(job, isActive, end);
      ended();
      return;
    }
    this.#host.client.get('CronJob', keyOf(this.#cronJob), (reply) => {
      if (!reply.ok) {
        ended(reply.error);
        return;
      }
      if (reply.object.status?.active?.some(isListed)) {
        this.#cronJob = reply.object;
        this.#status = reply.object.status;
        this.#active = reply.object.status.active;
      } else {
        const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
        this.#tell('Warning', 'UnexpectedJob', message);
      }
      ended();
    });
  }

  #noteEnd(job: Job, isActive: boolean, end: ReturnType<typeof endOf>): void {
    const { completionTime } = job.status ?? {};
    if (isActive && end !== undefined) {
      this.#drop(job.metadata.uid);
      this.#tell('Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end}`);
    }
    const last = this.#status.lastSuccessfulTime;
    if (end === 'Complete' && completionTime !== undefined && (last === undefined || completionTime > last)) {
      this.#status = { ...this.#status, lastSuccessfulTime: completionTime };
      this.#isChanged = true;
    }
  }

  /** Jobs of the active list that the cache does not hold are looked for in the server. */
  #findMissing(then: Ended): void {
    const known = new Set(this.#jobs.map((job) => job.metadata.uid));
    inTurn<ObjectReference, ApiError>(
      this.#active.filter(({ uid }) => !known.has(uid)),
      ({ namespace, name = '', uid }, ended) =>
        this.#host.client.get('Job', keyFor(namespace, name), (reply) => {
          if (reply.ok || reply.error.reason !== 'NotFound') {
            ended(reply.ok ? undefined : reply.error);
            return;
          }
          this.#tell('Normal', 'MissingJob', `Active job went missing: ${name}`);
          this.#drop(uid);
          ended();
        }),
      then,
    );
  }

  #hasUnknownZone(): boolean {
    const { timeZone } = this.#cronJob.spec;
    if (timeZone === undefined || loadTimeZone(timeZone) !== undefined) {
      return false;
    }
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    this.#tell('Warning', 'UnknownTimeZone', message);
    return true;
  }

  #parse(): CronSchedule | undefined {
    const { schedule } = this.#cronJob.spec;
    if (schedule.includes('TZ')) {
      const message = `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
      this.#tell('Warning', 'UnsupportedSchedule', message);
    }
    try {
      return parseCronSchedule(formatSchedule(this.#cronJob));
    } catch (error) {
      const message = `unparseable schedule: ${JSON.stringify(schedule)} : ${(error as RangeError).message}`;
      this.#tell('Warning', 'UnparseableSchedule', message);
      return undefined;
    }
  }

  #startIfDue(then: (finished: Finished) => void): void {
    const { spec } = this.#cronJob;
    const schedule = this.#parse();
    if (schedule === undefined) {
      then({});
      return;
    }
    const due = dueNow(this.#cronJob, schedule, this.#now, this.#host.config);
    if (due.error !== undefined) {
      this.#tell('Warning', 'InvalidSchedule', `invalid schedule: ${spec.schedule} : ${due.error}`);
      then({});
      return;
    }
    if (due.missed === 'many' && due.at !== undefined) {
      const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#tell('Warning', 'TooManyMissedTimes', message);
    }
    const later = (): void =>
      then({ requeueAfter: untilNext(this.#present(), schedule, this.#now, this.#host.config) });
    if (due.at === undefined || this.#isHeldBack(due.at)) {
      later();
    } else {
      this.#start(due.at, later, then);
    }
  }

  /** The CronJob with the status that this sync has come to. */
  #present(): CronJob {
    return { ...this.#cronJob, status: this.#status };
  }

  /** Too late, done already, or forbidden while another runs. */
  #isHeldBack(scheduled: Micros): boolean {
    const { spec, status } = this.#cronJob;
    const { config } = this.#host;
    const { startingDeadlineSeconds } = spec;
    if (startingDeadlineSeconds !== undefined && scheduled + startingDeadlineSeconds * 1_000_000 < this.#now) {
      const message = `Missed scheduled time to start a job: ${rfc1123(unixOf(scheduled, config))}`;
      this.#tell('Warning', 'MissSchedule', message);
      return true;
    }
    const name = jobName(this.#cronJob, scheduled, config);
    if (this.#active.some((one) => one.name === name) || status?.lastScheduleTime === scheduled) {
      return true;
    }
    if (spec.concurrencyPolicy === 'Forbid' && this.#active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell('Normal', 'JobAlreadyActive', message);
      return true;
    }
    return false;
  }

  #start(scheduled: Micros, later: () => void, then: (finished: Finished) => void): void {
    const replaced = this.#cronJob.spec.concurrencyPolicy === 'Replace' ? this.#active : [];
    inTurn<ObjectReference, ApiError>(
      replaced,
      ({ namespace, name = '' }, ended) =>
        this.#host.client.get('Job', keyFor(namespace, name), (reply) => {
          if (reply.ok) {
            this.#delete(reply.object, ended);
          } else {
            this.#tell('Warning', 'FailedGet', `Get job: ${reply.error.message}`);
            ended(reply.error);
          }
        }),
      (error) => (error ? then({ error }) : this.#create(scheduled, later, then)),
    );
  }

  #create(scheduled: Micros, later: () => void, then: (finished: Finished) => void): void {
    const { client, config } = this.#host;
    const draft = jobFor(this.#cronJob, scheduled, config, config.annotatesScheduledTime);
    const note = (job: Job): void => {
      this.#active = [...this.#active, referenceTo(job)];
      this.#status = { ...this.#status, lastScheduleTime: scheduled };
      this.#isChanged = true;
      later();
    };
    client.create('Job', draft as Draft<Job>, (reply) => {
      if (reply.ok) {
        this.#tell('Normal', 'SuccessfulCreate', `Created job ${reply.object.metadata.name}`);
        note(reply.object);
      } else if (isNamespaceTerminating(reply.error)) {
        then({ error: reply.error });
      } else if (reply.error.reason !== 'AlreadyExists') {
        this.#tell('Warning', 'FailedCreate', `Error creating job: ${reply.error.message}`);
        then({ error: reply.error });
      } else {
        client.get('Job', keyFor(draft.metadata.namespace, draft.metadata.name), (standing) => {
          if (!standing.ok) {
            then({ error: standing.error });
            return;
          }
          const isOwn = controllerOf(standing.object)?.uid === this.#cronJob.metadata.uid;
          const isListed = this.#active.some(({ uid }) => uid === standing.object.metadata.uid);
          if (isOwn && !isListed) {
            note(standing.object);
          } else {
            then({});
          }
        });
      }
    });
  }

  #delete(job: Job, ended: Ended): void {
    this.#host.client.delete('Job', keyOf(job), { propagationPolicy: 'Background' }, (reply) => {
      if (!reply.ok) {
        this.#tell('Warning', 'FailedDelete', `Deleted job: ${reply.error.message}`);
        ended(reply.error);
        return;
      }
      this.#drop(job.metadata.uid);
      this.#tell('Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
      ended();
    });
  }

  #drop(uid: string | undefined): void {
    this.#active = this.#active.filter((one) => one.uid !== uid);
    this.#isChanged = true;
  }

  #writeStatus(then: Ended): void {
    if (!this.#isChanged) {
      then();
      return;
    }
    const active = this.#active.length > 0 ? this.#active : undefined;
    const changed = { ...this.#cronJob, status: { ...this.#status, active } };
    this.#host.client.updateStatus('CronJob', changed, (reply) => then(reply.ok ? undefined : reply.error));
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#host.events.event(this.#cronJob, type, reason, message);
  }
}
