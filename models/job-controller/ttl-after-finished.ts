import { type Micros, type ObjectKey, seconds } from '../../engine/index.js';
import { conditionOf, isBeingDeleted, type Job, keyOf } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import { isJobFinished, isTrue } from './conditions.js';
import type { TtlAfterFinishedConfiguration } from './config.js';

/** Deletes Jobs some time after they finished. Mirrors pkg/controller/ttlafterfinished. */
export class TtlAfterFinishedController extends Controller {
  readonly name = 'ttl-after-finished-controller';
  readonly #client: ApiClient;
  readonly #jobs: Informer<Job>;

  constructor(context: ControllerContext, config: TtlAfterFinishedConfiguration) {
    super(context, { workers: config.workers });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#jobs = context.informers.informer('Job');
    const wake = (job: Job): void => {
      if (expiresAt(job) !== undefined) {
        this.enqueue(keyOf(job));
      }
    };
    this.#jobs.onChange({ added: wake, modified: wake, deleted: () => {} });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  /** As processJob: looks at the server's Job before it deletes, for the time may have been prolonged. */
  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const remaining = this.#remaining(this.#jobs.get(key));
    if (remaining === undefined || remaining > 0) {
      done(remaining === undefined ? 'done' : { requeueAfter: remaining });
      return;
    }
    this.#client.get('Job', key, (reply) => {
      const left = reply.ok ? this.#remaining(reply.object) : undefined;
      if (!reply.ok || left === undefined) {
        done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry');
      } else if (left > 0) {
        done({ requeueAfter: left });
      } else {
        const { uid = '' } = reply.object.metadata;
        const options = { propagationPolicy: 'Foreground', preconditions: { uid } } as const;
        this.#client.delete('Job', key, options, (answer) =>
          done(answer.ok || answer.error.reason === 'NotFound' ? 'done' : 'retry'),
        );
      }
    });
  }

  #remaining(job: Job | undefined): Micros | undefined {
    const at = job && expiresAt(job);
    return at === undefined ? undefined : at - this.context.simulation.now;
  }
}

/** When a finished Job is to go; undefined for those that stay, or go already. As timeLeft. */
function expiresAt(job: Job): Micros | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined || isBeingDeleted(job) || !isJobFinished(job)) {
    return undefined;
  }
  const type = isTrue(job.status?.conditions, 'Complete') ? 'Complete' : 'Failed';
  const finishedAt = conditionOf(job.status?.conditions, type)?.lastTransitionTime;
  return finishedAt === undefined ? undefined : finishedAt + seconds(ttlSecondsAfterFinished);
}

export const createTtlAfterFinishedController = (
  context: ControllerContext,
  config: TtlAfterFinishedConfiguration,
): TtlAfterFinishedController => new TtlAfterFinishedController(context, config);
