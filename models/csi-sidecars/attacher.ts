import type { ObjectKey } from '../../engine/index.js';
import { isBeingDeleted, keyOf, type PersistentVolume, type VolumeAttachment } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  type ControllerContext,
  defaultControllerRateLimiter,
  type Informer,
  KeyQueue,
  type SyncResult,
} from '../client-go/index.js';
import type { CsiSidecarsConfiguration } from './config.js';
import { attacherFinalizer, attacherStep, withFinalizer, withoutFinalizer } from './decisions.js';
import { DriverCalls } from './driver-calls.js';

type Done = (result: SyncResult) => void;

/** Has volumes attached and detached as VolumeAttachments ask for. Mirrors kubernetes-csi/external-attacher, of all drivers. */
export class Attacher implements Component {
  readonly name = 'external-attacher';
  readonly #client: ApiClient;
  readonly #driver: DriverCalls;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #attachmentQueue: KeyQueue;
  readonly #volumeQueue: KeyQueue;

  constructor(context: ControllerContext, config: CsiSidecarsConfiguration) {
    const { api, informers } = context;
    this.#driver = new DriverCalls(context.simulation, config.storage);
    this.#client = api.client({ name: this.name, from: 'control-plane', qps: 0, burst: 0 });
    const settings = {
      workers: config.attacherWorkerThreads,
      rateLimiter: () => defaultControllerRateLimiter(config.retryIntervalStart, config.retryIntervalMax),
    };
    this.#attachmentQueue = new KeyQueue(`${this.name}/attachments`, context, settings, (key, done) =>
      this.#syncAttachment(key, done),
    );
    this.#volumeQueue = new KeyQueue(`${this.name}/volumes`, context, settings, (key, done) =>
      this.#syncVolume(key, done),
    );
    this.#attachments = informers.informer('VolumeAttachment');
    this.#volumes = informers.informer('PersistentVolume');
    const onAttachment = (attachment: VolumeAttachment): void => this.#attachmentQueue.add(keyOf(attachment));
    this.#attachments.onChange({
      added: onAttachment,
      modified: onAttachment,
      deleted: ({ metadata, spec }) => {
        this.#driver.forget(metadata.name);
        this.#volumeQueue.add(spec.source.persistentVolumeName ?? '');
      },
    });
    const onVolume = (volume: PersistentVolume): void => {
      if (isBeingDeleted(volume)) {
        this.#volumeQueue.add(keyOf(volume));
      }
    };
    this.#volumes.onChange({ added: onVolume, modified: onVolume, deleted: () => {} });
  }

  start(): void {
    this.#attachmentQueue.start();
    this.#volumeQueue.start();
  }

  stop(): void {
    this.#attachmentQueue.stop();
    this.#volumeQueue.stop();
    this.#client.abandon();
    this.#driver.abandon();
  }

  #syncAttachment(key: ObjectKey, done: Done): void {
    const attachment = this.#attachments.get(key);
    const step = attachment && attacherStep(attachment);
    if (attachment !== undefined && step === 'attach') {
      this.#attach(attachment, done);
    } else if (attachment !== undefined && step === 'detach') {
      this.#detach(attachment, done);
    } else {
      done('done');
    }
  }

  /** As csiAttach: finalizers on both first, so that neither goes while the volume is attached. */
  #attach({ metadata, spec }: VolumeAttachment, done: Done): void {
    const finalizer = attacherFinalizer(spec.attacher);
    const volume = spec.source.persistentVolumeName ?? '';
    const client = this.#client;
    client.patch(
      'VolumeAttachment',
      metadata.name,
      (it) => withFinalizer(it, finalizer),
      (marked) => {
        if (!marked.ok) {
          done(marked.error.reason === 'NotFound' ? 'done' : 'retry');
          return;
        }
        client.patch(
          'PersistentVolume',
          volume,
          (it) => withFinalizer(it, finalizer),
          (held) => {
            if (held.ok) {
              this.#driver.call('volumeAttach', metadata.name, () => this.#tell(metadata.name, true, done));
            } else {
              done('retry');
            }
          },
        );
      },
    );
  }

  /** As csiDetach and markAsDetached. */
  #detach({ metadata, spec }: VolumeAttachment, done: Done): void {
    this.#driver.call('volumeDetach', metadata.name, () =>
      this.#tell(metadata.name, false, (result) => {
        if (result === 'retry') {
          done(result);
          return;
        }
        const free = (it: VolumeAttachment): VolumeAttachment => withoutFinalizer(it, attacherFinalizer(spec.attacher));
        this.#client.patch('VolumeAttachment', metadata.name, free, (reply) =>
          done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
        );
      }),
    );
  }

  #tell(name: string, attached: boolean, done: Done): void {
    const told = (it: VolumeAttachment): VolumeAttachment => ({ ...it, status: { ...it.status, attached } });
    this.#client.patchStatus('VolumeAttachment', name, told, (reply) =>
      done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }

  /** Lets go of a volume that is being deleted, once nothing attaches it. As SyncNewOrUpdatedPersistentVolume. */
  #syncVolume(key: ObjectKey, done: Done): void {
    const volume = this.#volumes.get(key);
    const driver = volume?.spec.csi?.driver;
    if (volume === undefined || driver === undefined || !isBeingDeleted(volume) || this.#isAttached(key)) {
      done('done');
      return;
    }
    const finalizer = attacherFinalizer(driver);
    if (!volume.metadata.finalizers?.includes(finalizer)) {
      done('done');
      return;
    }
    this.#client.patch(
      'PersistentVolume',
      key,
      (it) => withoutFinalizer(it, finalizer),
      (reply) => done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry'),
    );
  }

  #isAttached(volume: string): boolean {
    return [...this.#attachments.list()].some(({ spec }) => spec.source.persistentVolumeName === volume);
  }
}
