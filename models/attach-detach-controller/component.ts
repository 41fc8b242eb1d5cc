import type { EventHandle, Micros } from '../../engine/index.js';
import {
  type CSIDriver,
  claimKeysOf,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type VolumeAttachment,
} from '../api/index.js';
import {
  type ApiClient,
  ClaimUsers,
  type Component,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  LoopGrid,
} from '../client-go/index.js';
import { ActualState } from './actual-state.js';
import type { AttachDetachConfiguration } from './config.js';
import { attachableOf, attachablesOf, wantsVolumes } from './decisions.js';
import { DesiredState } from './desired-state.js';
import { Reconciler } from './reconciler.js';

/** Annotation by which a kubelet leaves attaching to this controller. */
const MANAGED = 'volumes.kubernetes.io/controller-managed-attach-detach';

/** Has volumes attached where pods need them, and detached where none does. Mirrors pkg/controller/volume/attachdetach. */
class AttachDetachController implements Component {
  readonly name = 'persistentvolume-attach-detach-controller';
  readonly #context: ControllerContext;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #drivers: Informer<CSIDriver>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #users = new ClaimUsers((pod) => Boolean(pod.spec.nodeName));
  readonly #desired = new DesiredState();
  readonly #actual = new ActualState();
  readonly #reconciler: Reconciler;
  readonly #period: Micros;
  /** The ticks of the reconciler; those that could change nothing are left out. */
  #grid: LoopGrid | undefined;
  #next: EventHandle | undefined;
  #nextAt: Micros = Number.POSITIVE_INFINITY;
  #isPassing = false;
  #isStale = false;

  constructor(context: ControllerContext, config: AttachDetachConfiguration) {
    const { simulation, api, informers } = context;
    this.#context = context;
    this.#period = config.reconcilerLoopPeriod;
    this.#client = api.client({ name: this.name, from: 'control-plane', ...config.client });
    this.#events = api.eventRecorder(this.#client, { component: 'attachdetach-controller' });
    this.#pods = informers.informer('Pod');
    this.#nodes = informers.informer('Node');
    this.#claims = informers.informer('PersistentVolumeClaim');
    this.#volumes = informers.informer('PersistentVolume');
    this.#drivers = informers.informer('CSIDriver');
    this.#attachments = informers.informer('VolumeAttachment');
    this.#reconciler = new Reconciler({
      simulation,
      client: this.#client,
      events: this.#events,
      nodes: this.#nodes,
      attachments: this.#attachments,
      desired: this.#desired,
      actual: this.#actual,
      config,
      onOperationEnded: () => this.#wake(),
    });
    this.#watch();
  }

  start(): void {
    this.#context.informers.whenSynced(() => {
      this.#populate();
      this.#grid = new LoopGrid(this.#context.simulation.now, this.#period, 0);
      for (const pod of this.#pods.list()) {
        this.#onPod(pod);
      }
      this.#wake();
    });
  }

  stop(): void {
    this.#next?.cancel();
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#grid = undefined;
    this.#isPassing = false;
    this.#reconciler.abandon();
    this.#client.abandon();
    this.#events.reset();
    this.#users.clear();
    this.#desired.clear();
    this.#actual.clear();
  }

  #watch(): void {
    this.#pods.onChange({
      added: (pod) => this.#onPod(pod),
      modified: (pod) => this.#onPod(pod),
      deleted: (pod) => {
        this.#users.drop(pod);
        this.#forget(pod);
      },
    });
    this.#nodes.onChange({
      added: (node) => {
        this.#onNode(node);
        this.#actual.touch(node.metadata.name);
        for (const pod of this.#pods.byIndex('node', node.metadata.name)) {
          this.#onPod(pod);
        }
      },
      modified: (node) => this.#onNode(node),
      deleted: (node) => this.#onNode(node),
    });
    const onClaim = (claim: PersistentVolumeClaim): void => {
      if (claim.status?.phase === 'Bound') {
        for (const pod of this.#users.of(keyOf(claim))) {
          this.#look(pod);
        }
      }
    };
    this.#claims.onChange({ added: onClaim, modified: onClaim, deleted: () => {} });
  }

  #onPod(pod: Pod): void {
    if (claimKeysOf(pod).length > 0) {
      this.#users.put(pod);
      this.#look(pod);
    }
  }

  /** As podAdd and podUpdate. Nothing is done before the caches are filled. */
  #look(pod: Pod): void {
    if (this.#grid === undefined) {
      return;
    }
    if (!wantsVolumes(pod)) {
      this.#forget(pod);
      return;
    }
    if (this.#nodes.get(pod.spec.nodeName as string)?.metadata.annotations?.[MANAGED] === undefined) {
      return;
    }
    const volumes = attachablesOf(pod, {
      claim: (key) => this.#claims.get(key),
      volume: (name) => this.#volumes.get(name),
      driver: (name) => this.#drivers.get(name),
    });
    for (const volume of volumes) {
      this.#desired.add(pod, volume);
    }
    if (volumes.length > 0) {
      this.#wake();
    }
  }

  #forget(pod: Pod): void {
    if (this.#desired.remove(pod)) {
      this.#wake();
    }
  }

  #onNode({ metadata, status }: Node): void {
    const isKnown = this.#actual.concerns(metadata.name);
    this.#actual.setInUse(metadata.name, status?.volumesInUse ?? []);
    if (isKnown) {
      this.#wake();
    }
  }

  /**
   * What an earlier life left: the status of nodes says what is attached, VolumeAttachments what may be. As
   * populateActualStateOfWorld and processVolumeAttachments.
   */
  #populate(): void {
    const byName = new Map<string, PersistentVolume>();
    for (const volume of this.#volumes.list()) {
      const found = attachableOf(volume, (name) => this.#drivers.get(name));
      if (found !== undefined) {
        byName.set(found.uniqueName, volume);
      }
    }
    const attachable = (volume: PersistentVolume | undefined): ReturnType<typeof attachableOf> =>
      volume && attachableOf(volume, (name) => this.#drivers.get(name));
    for (const { metadata, status } of this.#nodes.list()) {
      for (const { name } of status?.volumesAttached ?? []) {
        const volume = attachable(byName.get(name));
        if (volume !== undefined) {
          this.#actual.markAttached(volume, metadata.name);
          this.#actual.takeReport(metadata.name);
        }
      }
      this.#actual.setInUse(metadata.name, status?.volumesInUse ?? []);
    }
    for (const { spec } of this.#attachments.list()) {
      const volume = attachable(this.#volumes.get(spec.source.persistentVolumeName ?? ''));
      if (volume !== undefined && this.#actual.get(volume.uniqueName, spec.nodeName) === undefined) {
        this.#actual.markUncertain(volume, spec.nodeName);
      }
    }
  }

  /** Something changed: the next tick looks at it. */
  #wake(): void {
    const grid = this.#grid;
    if (grid === undefined) {
      return;
    }
    if (this.#isPassing) {
      this.#isStale = true;
      return;
    }
    this.#passAt(grid.from(this.#context.simulation.now));
  }

  #passAt(at: Micros): void {
    if (at >= this.#nextAt) {
      return;
    }
    this.#next?.cancel();
    this.#nextAt = at;
    this.#next = this.#context.simulation.after(at - this.#context.simulation.now, () => this.#pass());
  }

  #pass(): void {
    const grid = this.#grid as LoopGrid;
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#isPassing = true;
    this.#isStale = false;
    this.#reconciler.run((lookAgainAt) => {
      if (grid !== this.#grid) {
        return;
      }
      const { now } = this.#context.simulation;
      this.#isPassing = false;
      grid.ended(now);
      if (this.#isStale) {
        this.#passAt(grid.from(now));
      } else if (lookAgainAt !== undefined) {
        this.#passAt(grid.from(Math.max(now, lookAgainAt)));
      }
    });
  }
}

/** The controller, not yet started. */
export const createAttachDetachController = (
  context: ControllerContext,
  config: AttachDetachConfiguration,
): Component => new AttachDetachController(context, config);
