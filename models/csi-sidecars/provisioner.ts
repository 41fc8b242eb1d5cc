import { entityKey, type ObjectKey } from '../../engine/index.js';
import {
  type CSINode,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  storageClassOf,
  VOLUME_ANNOTATIONS,
  type VolumeAttachment,
} from '../api/index.js';
import {
  type ApiClient,
  type Component,
  type ControllerContext,
  defaultControllerRateLimiter,
  type EventRecorder,
  type Informer,
  KeyQueue,
  type SyncResult,
} from '../client-go/index.js';
import type { CsiSidecarsConfiguration } from './config.js';
import {
  isToBeDeleted,
  PROVISIONER_FINALIZER,
  provisionedVolume,
  provisionerFor,
  topologyKeysOf,
  volumeNameOf,
  withoutFinalizer,
} from './decisions.js';
import { DriverCalls } from './driver-calls.js';

type Done = (result: SyncResult) => void;

/** Makes volumes for claims, and deletes those that are given back. Mirrors kubernetes-csi/external-provisioner, of all drivers. */
export class Provisioner implements Component {
  readonly name = 'external-provisioner';
  readonly #context: ControllerContext;
  readonly #config: CsiSidecarsConfiguration;
  readonly #client: ApiClient;
  readonly #driver: DriverCalls;
  readonly #events: EventRecorder;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #nodes: Informer<Node>;
  readonly #csiNodes: Informer<CSINode>;
  readonly #claimQueue: KeyQueue;
  readonly #volumeQueue: KeyQueue;

  constructor(context: ControllerContext, config: CsiSidecarsConfiguration) {
    const { api, informers } = context;
    this.#context = context;
    this.#config = config;
    this.#driver = new DriverCalls(context.simulation, config.storage);
    this.#client = api.client({ name: this.name, from: 'control-plane', qps: 0, burst: 0 });
    this.#events = api.eventRecorder(this.#client, { component: this.name });
    const settings = {
      workers: config.provisionerWorkerThreads,
      rateLimiter: () => defaultControllerRateLimiter(config.retryIntervalStart, config.retryIntervalMax),
    };
    this.#claimQueue = new KeyQueue(`${this.name}/claims`, context, settings, (key, done) =>
      this.#provision(key, done),
    );
    this.#volumeQueue = new KeyQueue(`${this.name}/volumes`, context, settings, (key, done) => this.#delete(key, done));
    this.#claims = informers.informer('PersistentVolumeClaim');
    this.#volumes = informers.informer('PersistentVolume');
    this.#classes = informers.informer('StorageClass');
    this.#attachments = informers.informer('VolumeAttachment');
    this.#nodes = informers.informer('Node');
    this.#csiNodes = informers.informer('CSINode');
    const onClaim = (claim: PersistentVolumeClaim): void => {
      if (!claim.spec.volumeName) {
        this.#claimQueue.add(keyOf(claim));
      }
    };
    this.#claims.onChange({ added: onClaim, modified: onClaim, deleted: () => {} });
    const onVolume = (volume: PersistentVolume): void => {
      if (isToBeDeleted(volume, config.honorsReclaimPolicy)) {
        this.#volumeQueue.add(keyOf(volume));
      }
    };
    this.#volumes.onChange({
      added: onVolume,
      modified: onVolume,
      deleted: ({ metadata }) => this.#driver.forget(metadata.name),
    });
  }

  start(): void {
    this.#claimQueue.start();
    this.#volumeQueue.start();
  }

  stop(): void {
    this.#claimQueue.stop();
    this.#volumeQueue.stop();
    this.#client.abandon();
    this.#driver.abandon();
    this.#events.reset();
  }

  /** As provisionClaimOperation. */
  #provision(key: ObjectKey, done: Done): void {
    const claim = this.#claims.get(key);
    const storageClass = claim && this.#classes.get(storageClassOf(claim));
    const driver = claim && provisionerFor(claim, storageClass);
    if (
      claim === undefined ||
      storageClass === undefined ||
      driver === undefined ||
      this.#volumes.get(volumeNameOf(claim)) !== undefined
    ) {
      done('done');
      return;
    }
    const message = `External provisioner is provisioning volume for claim "${key}"`;
    this.#events.event(claim, 'Normal', 'Provisioning', message);
    this.#driver.call('volumeCreate', volumeNameOf(claim), () => {
      const volume = this.#volumeFor(claim, storageClass, driver);
      this.#client.create('PersistentVolume', volume, (reply) => {
        if (!reply.ok && reply.error.reason !== 'AlreadyExists') {
          done('retry');
          return;
        }
        const told = `Successfully provisioned volume ${volume.metadata.name}`;
        this.#events.event(claim, 'Normal', 'ProvisioningSucceeded', told);
        done('done');
      });
    });
  }

  #volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass, driver: string): PersistentVolume {
    const selected = this.#nodes.get(claim.metadata.annotations?.[VOLUME_ANNOTATIONS.selectedNode] ?? '');
    const nodes = [...this.#nodes.list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const csiNode = this.#csiNodes.get((selected ?? nodes[0])?.metadata.name ?? '');
    const keys = topologyKeysOf(csiNode, driver, this.#config.storage.volumeTopologyKey);
    const luck = this.#context.simulation.stream('volume place').uniform(entityKey(volumeNameOf(claim)), 0);
    const topology = { selected, keys, nodes, luck };
    return provisionedVolume(claim, storageClass, driver, topology, this.#config.honorsReclaimPolicy);
  }

  /** As deleteVolumeOperation. A volume that is attached is not deleted. */
  #delete(key: ObjectKey, done: Done): void {
    const volume = this.#volumes.get(key);
    if (volume === undefined || !isToBeDeleted(volume, this.#config.honorsReclaimPolicy)) {
      done('done');
      return;
    }
    const attachment = [...this.#attachments.list()].find(({ spec }) => spec.source.persistentVolumeName === key);
    if (attachment !== undefined) {
      const message = `persistentvolume ${key} is still attached to node ${attachment.spec.nodeName}`;
      this.#events.event(volume, 'Warning', 'VolumeFailedDelete', message);
      done('retry');
      return;
    }
    this.#driver.call('volumeDelete', key, () =>
      this.#client.delete('PersistentVolume', key, {}, (reply) => {
        if (!reply.ok || !this.#config.honorsReclaimPolicy) {
          done(reply.ok || reply.error.reason === 'NotFound' ? 'done' : 'retry');
          return;
        }
        const free = (current: PersistentVolume): PersistentVolume => withoutFinalizer(current, PROVISIONER_FINALIZER);
        this.#client.patch('PersistentVolume', key, free, (freed) =>
          done(freed.ok || freed.error.reason === 'NotFound' ? 'done' : 'retry'),
        );
      }),
    );
  }
}
