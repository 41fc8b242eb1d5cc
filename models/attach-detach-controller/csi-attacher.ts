import { entityKey, type Simulation } from '../../engine/index.js';
import type { VolumeAttachment } from '../api/index.js';
import type { ApiClient, Informer } from '../client-go/index.js';
import type { PollingConfiguration } from './config.js';
import type { AttachableVolume } from './decisions.js';
import { sha256 } from './sha256.js';

export interface CsiAttacherOptions {
  readonly simulation: Simulation;
  readonly client: ApiClient;
  readonly attachments: Informer<VolumeAttachment>;
  readonly polling: PollingConfiguration;
}

/** `error` is undefined when it worked. */
type Ended = (error: string | undefined) => void;

/** What a look at the VolumeAttachment says: done, not yet, or why not. */
type Look = (attachment: VolumeAttachment | undefined) => 'done' | 'waiting' | { readonly error: string };

/** As getAttachmentName (pkg/volume/csi/csi_attacher.go). */
export const attachmentName = ({ handle, driver }: AttachableVolume, node: string): string =>
  `csi-${sha256(`${handle}${driver}${node}`)}`;

/** Asks a driver by VolumeAttachments, and looks until it has done its part. Mirrors pkg/volume/csi/csi_attacher.go. */
export class CsiAttacher {
  readonly #options: CsiAttacherOptions;
  #life = 0;

  constructor(options: CsiAttacherOptions) {
    this.#options = options;
  }

  attach(volume: AttachableVolume, node: string, ended: Ended): void {
    const name = attachmentName(volume, node);
    const attachment = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: { attacher: volume.driver, nodeName: node, source: { persistentVolumeName: volume.name } },
    } as const;
    this.#options.client.create('VolumeAttachment', attachment, (reply) => {
      if (reply.ok || reply.error.reason === 'AlreadyExists') {
        this.#poll(volume, name, 'attach', isAttached, ended);
      } else {
        ended(reply.error.message);
      }
    });
  }

  detach(volume: AttachableVolume, node: string, ended: Ended): void {
    const name = attachmentName(volume, node);
    this.#options.client.delete('VolumeAttachment', name, {}, (reply) => {
      if (reply.ok) {
        this.#poll(volume, name, 'detach', isDetached, ended);
      } else {
        ended(reply.error.reason === 'NotFound' ? undefined : reply.error.message);
      }
    });
  }

  /** The process dies: nobody looks any more. */
  abandon(): void {
    this.#life++;
  }

  /** As waitForVolumeAttachDetachStatusWithLister. */
  #poll(volume: AttachableVolume, name: string, verb: 'attach' | 'detach', look: Look, ended: Ended): void {
    const { simulation, attachments, polling } = this.#options;
    const key = entityKey(`${verb} ${name}`);
    const begun = simulation.now;
    const life = this.#life;
    const lookAfter = (pause: number): void => {
      const jittered = simulation
        .stream('attach status poll')
        .jitter(key, simulation.now, pause, polling.statusBackOffJitter);
      const left = begun + polling.csiTimeout - simulation.now;
      simulation.after(Math.min(jittered, left), () => {
        if (life !== this.#life) {
          return;
        }
        const seen = jittered < left ? look(attachments.get(name)) : { error: timedOut(volume, verb) };
        if (seen === 'waiting') {
          lookAfter(Math.min(Math.round(pause * polling.statusBackOffFactor), polling.maxStatusBackOff));
        } else {
          ended(seen === 'done' ? undefined : seen.error);
        }
      });
    };
    lookAfter(polling.statusBackOff);
  }
}

const timedOut = ({ driver, handle }: AttachableVolume, verb: string): string =>
  `timed out waiting for external-attacher of ${driver} CSI driver to ${verb} volume ${handle}`;

/** As verifyAttachmentStatus. */
function isAttached(attachment: VolumeAttachment | undefined): ReturnType<Look> {
  if (attachment?.metadata.deletionTimestamp !== undefined) {
    return { error: 'volume attachment is being deleted' };
  }
  const { attached, attachError } = attachment?.status ?? {};
  if (attached) {
    return 'done';
  }
  return attachError === undefined ? 'waiting' : { error: attachError.message ?? '' };
}

/** As verifyDetachmentStatus. */
function isDetached(attachment: VolumeAttachment | undefined): ReturnType<Look> {
  if (attachment === undefined) {
    return 'done';
  }
  const { detachError } = attachment.status ?? {};
  return detachError === undefined ? 'waiting' : { error: detachError.message ?? '' };
}
