import type { EventHandle, Micros, ObjectKey } from '../../engine/index.js';
import {
  defaultStorageClassOf,
  isPodTerminal,
  keyOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
} from '../api/index.js';
import {
  type ApiClient,
  ClaimUsers,
  type Component,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  KeyQueue,
} from '../client-go/index.js';
import type { PersistentVolumeBinderConfiguration } from './config.js';
import {
  type ClaimSurroundings,
  claimForProvisioner,
  decideClaim,
  decideVolume,
  provisionerOf,
  reclaimOf,
  waitingForProvisioner,
} from './decisions.js';
import { NewestObjects } from './newest-objects.js';
import { Writer } from './writer.js';

type Done = () => void;

/** Binds claims to volumes and gives volumes back. Mirrors pkg/controller/volume/persistentvolume. */
class PersistentVolumeBinder implements Component {
  readonly name = 'persistentvolume-binder-controller';
  readonly #context: ControllerContext;
  readonly #config: PersistentVolumeBinderConfiguration;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #claimInformer: Informer<PersistentVolumeClaim>;
  readonly #volumeInformer: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  /** As findNonScheduledPodsByPVC. */
  readonly #waitingPods = new ClaimUsers((pod) => !pod.spec.nodeName && !isPodTerminal(pod));
  readonly #claims = new NewestObjects<PersistentVolumeClaim>();
  readonly #volumes = new NewestObjects<PersistentVolume>();
  readonly #writer: Writer;
  readonly #claimQueue: KeyQueue;
  readonly #volumeQueue: KeyQueue;
  /** Claims that are not bound: what a resync could change anything about. */
  readonly #unbound = new Set<ObjectKey>();
  /** Claims and volumes that something is being done about, aside from the workers. */
  readonly #operations = new Set<string>();
  #syncedAt: Micros | undefined;
  #resync: EventHandle | undefined;

  constructor(context: ControllerContext, config: PersistentVolumeBinderConfiguration) {
    const { simulation, api, informers } = context;
    this.#context = context;
    this.#config = config;
    this.#client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = api.eventRecorder(this.#client, { component: 'persistentvolume-controller' });
    this.#writer = new Writer({
      simulation,
      client: this.#client,
      events: this.#events,
      volumes: this.#volumes,
      claims: this.#claims,
      tellsPhaseTransition: config.tellsPhaseTransition,
    });
    const workers = { workers: 1 };
    this.#claimQueue = new KeyQueue(`${this.name}/claims`, context, workers, (key, done) =>
      this.#workOnClaim(key, () => done('done')),
    );
    this.#volumeQueue = new KeyQueue(`${this.name}/volumes`, context, workers, (key, done) =>
      this.#workOnVolume(key, () => done('done')),
    );
    this.#claimInformer = informers.informer('PersistentVolumeClaim');
    this.#volumeInformer = informers.informer('PersistentVolume');
    this.#classes = informers.informer('StorageClass');
    this.#watch(informers.informer('Pod'));
  }

  start(): void {
    this.#context.informers.whenSynced(() => this.#fillCaches());
    this.#volumeQueue.start();
    this.#claimQueue.start();
  }

  stop(): void {
    this.#resync?.cancel();
    this.#syncedAt = undefined;
    this.#claimQueue.stop();
    this.#volumeQueue.stop();
    this.#client.abandon();
    this.#events.reset();
    this.#claims.clear();
    this.#volumes.clear();
    this.#operations.clear();
    this.#unbound.clear();
    this.#waitingPods.clear();
  }

  #watch(pods: Informer<Pod>): void {
    const onVolume = (volume: PersistentVolume): void => this.#volumeQueue.add(keyOf(volume));
    this.#volumeInformer.onChange({ added: onVolume, modified: onVolume, deleted: onVolume });
    const onClaim = (claim: PersistentVolumeClaim): void => {
      this.#note(claim);
      this.#claimQueue.add(keyOf(claim));
    };
    this.#claimInformer.onChange({
      added: onClaim,
      modified: onClaim,
      deleted: (claim) => {
        this.#settle(keyOf(claim));
        this.#claimQueue.add(keyOf(claim));
      },
    });
    pods.onChange({
      added: (pod) => this.#waitingPods.put(pod),
      modified: (pod) => this.#waitingPods.put(pod),
      deleted: (pod) => this.#waitingPods.drop(pod),
    });
  }

  /** As initializeCaches: without them the first look would take volumes for unused. */
  #fillCaches(): void {
    for (const volume of this.#volumeInformer.list()) {
      this.#volumes.accept(volume);
    }
    for (const claim of this.#claimInformer.list()) {
      this.#claims.accept(claim);
    }
    this.#syncedAt = this.#context.simulation.now;
    this.#armResync();
  }

  #note(claim: PersistentVolumeClaim): void {
    if (claim.status?.phase === 'Pending') {
      this.#unbound.add(keyOf(claim));
      this.#armResync();
    } else {
      this.#settle(keyOf(claim));
    }
  }

  #settle(key: ObjectKey): void {
    this.#unbound.delete(key);
    if (this.#unbound.size === 0) {
      this.#resync?.cancel();
    }
  }

  /** The next of the ticks that come every sync period; none while every claim is bound. */
  #armResync(): void {
    if (this.#syncedAt === undefined || this.#unbound.size === 0 || this.#resync?.isPending) {
      return;
    }
    const { simulation } = this.#context;
    const period = this.#config.pvClaimBinderSyncPeriod;
    const ticks = Math.floor((simulation.now - this.#syncedAt) / period) + 1;
    this.#resync = simulation.after(this.#syncedAt + ticks * period - simulation.now, () => {
      for (const key of this.#unbound) {
        this.#claimQueue.add(key);
      }
      this.#armResync();
    });
  }

  #workOnClaim(key: ObjectKey, done: Done): void {
    const claim = this.#claimInformer.get(key);
    if (claim !== undefined) {
      if (this.#claims.accept(claim)) {
        this.#syncClaim(claim, done);
      } else {
        done();
      }
      return;
    }
    const volumeName = this.#claims.get(key)?.spec.volumeName;
    this.#claims.delete(key);
    if (volumeName) {
      this.#volumeQueue.add(volumeName);
    }
    done();
  }

  #syncClaim(claim: PersistentVolumeClaim, done: Done): void {
    const verdict = decideClaim(claim, this.#surroundingsOf(claim));
    switch (verdict.do) {
      case 'bind':
        this.#writer.bind(verdict.volume, claim, done);
        break;
      case 'assign class': {
        const spec = { ...claim.spec, storageClassName: verdict.className };
        this.#writer.putClaim(claim, { ...claim, spec }, () => done());
        break;
      }
      case 'provision':
        this.#provision(claim, verdict.className);
        done();
        break;
      case 'lose':
        this.#lose(claim, verdict.telling, done);
        break;
      case 'wait':
        if (verdict.telling !== undefined) {
          this.#writer.tell(claim, verdict.telling);
        }
        this.#writer.setClaimStatus(claim, 'Pending', undefined, () => done());
        break;
      case 'nothing':
        done();
    }
  }

  #surroundingsOf(claim: PersistentVolumeClaim): ClaimSurroundings {
    return {
      volumes: this.#volumes.inOrder(),
      volume: (name) => this.#volumes.get(name),
      storageClass: (name) => this.#classes.get(name),
      defaultClass: () =>
        this.#config.assignsDefaultClassLater ? defaultStorageClassOf(this.#classes.list())?.metadata.name : undefined,
      waitingPods: () => this.#waitingPods.of(keyOf(claim)).map(({ metadata }) => metadata.name),
    };
  }

  #lose(claim: PersistentVolumeClaim, telling: Parameters<Writer['tell']>[1], done: Done): void {
    if (claim.status?.phase === 'Lost') {
      done();
      return;
    }
    this.#writer.setClaimStatus(claim, 'Lost', undefined, (written) => {
      if (written !== undefined) {
        this.#writer.tell(written, telling);
      }
      done();
    });
  }

  /** Names the provisioner on the claim; the rest is the provisioner's. As provisionClaim. */
  #provision(claim: PersistentVolumeClaim, className: string): void {
    if (!this.#config.enableDynamicProvisioning) {
      return;
    }
    const found = provisionerOf(className, this.#classes.get(className));
    if ('failure' in found) {
      this.#writer.tell(claim, { type: 'Warning', reason: 'ProvisioningFailed', message: found.failure });
      return;
    }
    this.#operate(`provision ${keyOf(claim)}`, (ended) => {
      const { provisioner } = found;
      this.#writer.putClaim(claim, claimForProvisioner(claim, provisioner), (marked) => {
        if (marked !== undefined) {
          const message = waitingForProvisioner(provisioner, this.#config.explainsDelayedProvisioning);
          this.#writer.tell(marked, { type: 'Normal', reason: 'ExternalProvisioning', message });
        }
        ended();
      });
    });
  }

  /** One at a time of each name, aside from the workers. As scheduleOperation. */
  #operate(name: string, operation: (ended: Done) => void): void {
    if (!this.#operations.has(name)) {
      this.#operations.add(name);
      operation(() => this.#operations.delete(name));
    }
  }

  #workOnVolume(key: ObjectKey, done: Done): void {
    const volume = this.#volumeInformer.get(key);
    if (volume !== undefined) {
      if (this.#volumes.accept(volume)) {
        this.#confirmClaim(volume, (claim) => this.#syncVolume(volume, claim, done));
      } else {
        done();
      }
      return;
    }
    const claimRef = this.#volumes.get(key)?.spec.claimRef;
    this.#volumes.delete(key);
    if (claimRef !== undefined) {
      this.#claimQueue.add(`${claimRef.namespace}/${claimRef.name}`);
    }
    done();
  }

  /** The claim that the volume refers to. The server is asked before a volume that is in use counts as released. */
  #confirmClaim(volume: PersistentVolume, then: (claim: PersistentVolumeClaim | undefined) => void): void {
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) {
      then(undefined);
      return;
    }
    const key = `${claimRef.namespace}/${claimRef.name}`;
    const known = [this.#claims.get(key), this.#claimInformer.get(key)].find(
      (claim) => claim?.metadata.uid === claimRef.uid,
    );
    const phase = volume.status?.phase;
    if (known !== undefined || phase === 'Released' || phase === 'Failed') {
      then(known);
      return;
    }
    this.#client.get('PersistentVolumeClaim', key, (reply) =>
      then(reply.ok && reply.object.metadata.uid === claimRef.uid ? reply.object : undefined),
    );
  }

  #syncVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined, done: Done): void {
    const verdict = decideVolume(volume, claim);
    switch (verdict.do) {
      case 'set phase':
        this.#writer.setPhase(volume, verdict.phase, undefined, () => done());
        break;
      case 'wake claim':
        this.#claimQueue.add(keyOf(claim as PersistentVolumeClaim));
        done();
        break;
      case 'tell mode mismatch':
        this.#tellModeMismatch(volume, claim as PersistentVolumeClaim);
        done();
        break;
      case 'reclaim':
        this.#release(volume, done);
        break;
      case 'unbind':
        this.#writer.unbind(volume, done);
    }
  }

  #tellModeMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): void {
    const [ofVolume, ofClaim] = [volume.metadata.name, claim.metadata.name];
    const mismatch = { type: 'Warning', reason: 'VolumeMismatch' } as const;
    const why = 'due to incompatible volumeMode.';
    this.#writer.tell(volume, {
      ...mismatch,
      message: `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${ofClaim}" ${why}`,
    });
    this.#writer.tell(claim, {
      ...mismatch,
      message: `Cannot bind PersistentVolume "${ofVolume}" to requested PersistentVolumeClaim "${ofClaim}" ${why}`,
    });
  }

  /** Released first, so that outside deleters see it; then by its reclaim policy. A failure told stays told. */
  #release(volume: PersistentVolume, done: Done): void {
    if (volume.status?.phase === 'Released' || volume.status?.phase === 'Failed') {
      this.#reclaim(volume);
      done();
      return;
    }
    this.#writer.setPhase(volume, 'Released', undefined, (released) => {
      if (released !== undefined) {
        this.#reclaim(released);
      }
      done();
    });
  }

  #reclaim(volume: PersistentVolume): void {
    const outcome = reclaimOf(volume);
    if (outcome === 'leave') {
      return;
    }
    const { name } = volume.metadata;
    this.#operate(`delete ${name}`, (ended) => {
      if (outcome === 'delete') {
        this.#client.delete('PersistentVolume', name, {}, ended);
      } else {
        this.#writer.setPhase(volume, 'Failed', outcome, ended);
      }
    });
  }
}

/** The controller, not yet started. */
export const createPersistentVolumeBinder = (
  context: ControllerContext,
  config: PersistentVolumeBinderConfiguration,
): Component => new PersistentVolumeBinder(context, config);
