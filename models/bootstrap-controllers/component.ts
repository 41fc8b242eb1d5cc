import { type ObjectKey, wholeSecond } from '../../engine/index.js';
import { type CertificateSigningRequest, keyOf, type Secret } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';
import { approved, isApprovable, isBootstrapToken, isSignable, signed, tokenExpiresAt } from './decisions.js';

/** Deletes bootstrap tokens whose time is over. Mirrors pkg/controller/bootstrap tokencleaner.go. */
class TokenCleaner extends Controller {
  readonly name = 'token-cleaner-controller';
  readonly #client: ApiClient;
  readonly #secrets: Informer<Secret>;
  readonly #startTime: number;

  constructor(context: ControllerContext, limits: ClientLimits, startTime: number) {
    super(context, { workers: 1 });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...limits });
    this.#secrets = context.informers.informer('Secret');
    this.#startTime = startTime;
    const look = (secret: Secret): void => {
      if (isBootstrapToken(secret)) {
        this.enqueue(keyOf(secret));
      }
    };
    this.#secrets.onChange({ added: look, modified: look, deleted: () => {} });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const secret = this.#secrets.get(key);
    const expiresAt = secret === undefined ? Number.POSITIVE_INFINITY : tokenExpiresAt(secret, this.#startTime);
    const { now } = this.context.simulation;
    if (secret === undefined || expiresAt > now) {
      done(expiresAt === Number.POSITIVE_INFINITY ? 'done' : { requeueAfter: expiresAt - now });
      return;
    }
    const preconditions = { uid: secret.metadata.uid as string };
    this.#client.delete('Secret', key, { preconditions }, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' || reply.error.reason === 'Conflict' ? 'done' : 'retry'),
    );
  }
}

/** One step of a certificate's way: what waits for it, and what becomes of that. */
interface CertificateStep {
  readonly name: string;
  isDue(request: CertificateSigningRequest): boolean;
  take(request: CertificateSigningRequest): CertificateSigningRequest;
}

/** Approves and signs what joining kubelets ask for. Mirrors pkg/controller/certificates approver and signer. */
class CertificateController extends Controller {
  readonly name: string;
  readonly #step: CertificateStep;
  readonly #client: ApiClient;
  readonly #requests: Informer<CertificateSigningRequest>;

  constructor(context: ControllerContext, limits: ClientLimits, step: CertificateStep) {
    super(context, { workers: 5 });
    this.name = step.name;
    this.#step = step;
    this.#client = context.api.client({ name: step.name, from: 'control-plane', ...limits });
    this.#requests = context.informers.informer('CertificateSigningRequest');
    const look = (request: CertificateSigningRequest): void => {
      if (step.isDue(request)) {
        this.enqueue(keyOf(request));
      }
    };
    this.#requests.onChange({ added: look, modified: look, deleted: () => {} });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const request = this.#requests.get(key);
    if (request === undefined || !this.#step.isDue(request)) {
      done('done');
      return;
    }
    this.#client.updateStatus('CertificateSigningRequest', this.#step.take(request), (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }
}

/** What lets machines join: the end of bootstrap tokens, and certificates for kubelets. `startTime` is in Unix seconds. */
export const createBootstrapControllers = (
  context: ControllerContext,
  limits: ClientLimits,
  startTime: number,
): readonly Component[] => [
  new TokenCleaner(context, limits, startTime),
  new CertificateController(context, limits, {
    name: 'csrapproving',
    isDue: isApprovable,
    take: (request) => approved(request, wholeSecond(context.simulation.now)),
  }),
  new CertificateController(context, limits, { name: 'csrsigning', isDue: isSignable, take: signed }),
];
