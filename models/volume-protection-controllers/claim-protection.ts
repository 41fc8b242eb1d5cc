import type { ObjectKey } from '../../engine/index.js';
import {
  claimKeysOf,
  isBeingDeleted,
  isPodTerminal,
  keyOf,
  type PersistentVolumeClaim,
  type Pod,
  splitKey,
} from '../api/index.js';
import {
  type ApiClient,
  ClaimUsers,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';
import { finalizerStep, withFinalizer, withoutFinalizer } from './decisions.js';

const FINALIZER = 'kubernetes.io/pvc-protection';

type Done = (result: SyncResult) => void;

/** A pod that has a node uses its claims: its kubelet may be at work on them. As podUsesPVC. */
const isUser = (pod: Pod): boolean => Boolean(pod.spec.nodeName);

/** Keeps a claim that is being deleted until no pod uses it. Mirrors pkg/controller/volume/pvcprotection. */
export class ClaimProtection extends Controller {
  readonly name = 'persistentvolumeclaim-protection-controller';
  readonly #client: ApiClient;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #users = new ClaimUsers(isUser);

  constructor(context: ControllerContext, limits: ClientLimits) {
    super(context, { workers: 1 });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...limits });
    this.#claims = context.informers.informer('PersistentVolumeClaim');
    const onClaim = (claim: PersistentVolumeClaim): void => {
      if (finalizerStep(claim, FINALIZER) !== undefined) {
        this.enqueue(keyOf(claim));
      }
    };
    this.#claims.onChange({ added: onClaim, modified: onClaim, deleted: () => {} });
    const onPod = (pod: Pod): void => {
      this.#users.put(pod);
      if (isPodTerminal(pod) || !isUser(pod)) {
        this.#wakeClaims(pod);
      }
    };
    context.informers.informer('Pod').onChange({
      added: onPod,
      modified: onPod,
      deleted: (pod) => {
        this.#users.drop(pod);
        this.#wakeClaims(pod);
      },
    });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
    this.#users.clear();
  }

  protected sync(key: ObjectKey, done: Done): void {
    const claim = this.#claims.get(key);
    const step = claim && finalizerStep(claim, FINALIZER);
    if (claim === undefined || step === undefined) {
      done('done');
    } else if (step === 'add') {
      this.#write(withFinalizer(claim, FINALIZER), done);
    } else if (this.#users.of(key).length > 0) {
      done('done');
    } else {
      this.#removeUnlessUsed(claim, key, done);
    }
  }

  #wakeClaims(pod: Pod): void {
    for (const key of claimKeysOf(pod)) {
      const claim = this.#claims.get(key);
      if (claim !== undefined && isBeingDeleted(claim)) {
        this.enqueue(key);
      }
    }
  }

  /** The cache may lag behind: the server is asked too. As askAPIServer. */
  #removeUnlessUsed(claim: PersistentVolumeClaim, key: ObjectKey, done: Done): void {
    this.#client.list('Pod', splitKey(key).namespace, (reply) => {
      if (!reply.ok) {
        done('retry');
      } else if (reply.object.some((pod) => isUser(pod) && claimKeysOf(pod).includes(key))) {
        done('done');
      } else {
        this.#write(withoutFinalizer(claim, FINALIZER), done);
      }
    });
  }

  #write(claim: PersistentVolumeClaim, done: Done): void {
    this.#client.update('PersistentVolumeClaim', claim, (reply) => done(reply.ok ? 'done' : 'retry'));
  }
}
