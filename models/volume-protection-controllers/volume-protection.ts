import type { ObjectKey } from '../../engine/index.js';
import { keyOf, type PersistentVolume } from '../api/index.js';
import {
  type ApiClient,
  Controller,
  type ControllerContext,
  type Informer,
  type SyncResult,
} from '../client-go/index.js';
import type { ClientLimits } from '../versions/index.js';
import { finalizerStep, withFinalizer, withoutFinalizer } from './decisions.js';

const FINALIZER = 'kubernetes.io/pv-protection';

/** Keeps a volume that is being deleted as long as it is bound. Mirrors pkg/controller/volume/pvprotection. */
export class VolumeProtection extends Controller {
  readonly name = 'persistentvolume-protection-controller';
  readonly #client: ApiClient;
  readonly #volumes: Informer<PersistentVolume>;

  constructor(context: ControllerContext, limits: ClientLimits) {
    super(context, { workers: 1 });
    this.#client = context.api.client({ name: this.name, from: 'control-plane', ...limits });
    this.#volumes = context.informers.informer('PersistentVolume');
    const onVolume = (volume: PersistentVolume): void => {
      if (finalizerStep(volume, FINALIZER) !== undefined) {
        this.enqueue(keyOf(volume));
      }
    };
    this.#volumes.onChange({ added: onVolume, modified: onVolume, deleted: () => {} });
  }

  override stop(): void {
    super.stop();
    this.#client.abandon();
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const volume = this.#volumes.get(key);
    const step = volume && finalizerStep(volume, FINALIZER);
    if (volume === undefined || step === undefined || (step !== 'add' && volume.status?.phase === 'Bound')) {
      done('done');
      return;
    }
    const wanted = step === 'add' ? withFinalizer(volume, FINALIZER) : withoutFinalizer(volume, FINALIZER);
    this.#client.update('PersistentVolume', wanted, (reply) => done(reply.ok ? 'done' : 'retry'));
  }
}
