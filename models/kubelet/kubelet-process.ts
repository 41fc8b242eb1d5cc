import { entityKey, type Micros, type Recorder, type Simulation } from '../../engine/index.js';
import { type Node, nodeParty, type Pod, type PodStatus } from '../api/index.js';
import type { ApiClient, ApiConnection, EventRecorder } from '../client-go/index.js';
import type { ContainerRuntime, Machine, StoredImage } from '../world/index.js';
import { activeDeadlineOf, DEADLINE_EXCEEDED } from './active-deadline.js';
import { Admitter } from './admission/admitter.js';
import type { KubeletSettings } from './config.js';
import { Housekeeper } from './housekeeping/housekeeper.js';
import { ImageList } from './image-pull/image-list.js';
import { ImageManager } from './image-pull/image-manager.js';
import { HookRunner } from './lifecycle-hooks.js';
import { NodePressure } from './node-pressure.js';
import { ShutdownManager } from './node-shutdown/shutdown-manager.js';
import { ObjectCache } from './objects/object-cache.js';
import { Pleg } from './pleg/pleg.js';
import { KubeletEvents } from './pod-events.js';
import { PodWorkers } from './pod-workers/pod-workers.js';
import { WorkQueue } from './pod-workers/work-queue.js';
import { ProbeManager } from './probes/probe-manager.js';
import { ProcessClock } from './process-clock.js';
import { RestartBackoff } from './restart-backoff/index.js';
import { RuntimeHealth } from './runtime-health/runtime-health.js';
import { MirrorPods } from './static-pods/mirror-pods.js';
import { PodStatusGenerator } from './status/pod-status-generator.js';
import { StatusManager } from './status/status-manager.js';
import { SyncLoop } from './sync-loop/sync-loop.js';
import { ContainerStarter } from './sync-pod/container-starter.js';
import { KubeletPodSyncer } from './sync-pod/pod-syncer.js';
import { RuntimeSync } from './sync-pod/runtime-sync.js';
import { ReasonCache } from './sync-pod/sync-results.js';
import { ContainerKiller } from './termination/container-killer.js';
import { IMAGE_PULLS, KUBELET_EVICTIONS, PROBES, VOLUMES } from './timelines.js';
import { CsiNodeInitializer } from './volumes/csi-node.js';
import { VolumeManager } from './volumes/volume-manager.js';

/** What one run of the kubelet's process is made with. */
export interface KubeletProcessOptions {
  readonly simulation: Simulation;
  readonly recorder: Recorder;
  readonly api: ApiConnection;
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly settings: KubeletSettings;
  readonly nodeName: string;
  readonly capacity: { readonly [resource: string]: string };
  readonly hostIP: string;
  /** How often this kubelet was started before: its loops get other phases each time. */
  readonly ordinal: number;
  readonly elidesQuietTicks: boolean;
  /** The Node as the kubelet's watch shows it, or as it is about to be registered. */
  node(): Node;
  /** The same once it is registered. */
  registeredNode(): Node | undefined;
  /** The watch has told which pods this node is to run. */
  hasPods(): boolean;
  readonly events: EventRecorder;
  /** The runtime answered for the first time: the status of a Node that is not there yet is told. */
  onRuntimeUp(): void;
  /** The runtime, or its network, began or ceased to work; the kubelet does not know before it asks. */
  onRuntimeChange(): void;
  /** What node status tells may have changed: pressure, readiness, images. */
  onChange(): void;
  /** The machine is about to go off: the node's status says so at once. */
  onShutdown(): void;
}

/**
 * One run of a kubelet's process: all that is lost when it dies. Makes the parts and joins them; what they do stands in their own
 * folders. As NewMainKubelet and Run (k8s 1.37 pkg/kubelet/kubelet.go).
 */
export class KubeletProcess {
  readonly syncLoop: SyncLoop;
  readonly #options: KubeletProcessOptions;
  readonly #clock: ProcessClock;
  readonly #api: ApiClient;
  readonly #events: KubeletEvents;
  readonly #pleg: Pleg;
  readonly #workers: PodWorkers;
  readonly #queue: WorkQueue;
  readonly #deadlines: WorkQueue;
  readonly #statuses: StatusManager;
  readonly #probes: ProbeManager;
  readonly #reasons = new ReasonCache();
  readonly #housekeeper: Housekeeper;
  readonly #pressure: NodePressure;
  readonly #health: RuntimeHealth;
  readonly #images: ImageList;
  readonly #csiNode: CsiNodeInitializer;
  readonly #mirrors: MirrorPods;
  readonly #objects: ObjectCache;
  readonly #volumes: VolumeManager;
  readonly #shutdown: ShutdownManager;

  constructor(options: KubeletProcessOptions) {
    this.#options = options;
    const { api, nodeName, runtime, settings, simulation } = options;
    this.#clock = new ProcessClock(simulation, options.elidesQuietTicks);
    const from = nodeParty(nodeName);
    this.#api = api.client({ name: 'kubelet', from, qps: settings.kubeAPIQPS, burst: settings.kubeAPIBurst });
    this.#events = new KubeletEvents(options.events, options.nodeName);
    this.#events.recordNode('Normal', 'Starting', 'Starting kubelet.');

    this.#mirrors = new MirrorPods({ api: this.#api, registeredNode: options.registeredNode });
    this.#objects = new ObjectCache(api.informers({ name: 'kubelet/objects', from }), (changed) =>
      this.#volumes.objectChanged(changed),
    );
    this.#volumes = this.#makeVolumeManager();

    const { loops } = settings;
    this.#queue = this.#workQueue();
    this.#deadlines = this.#workQueue();
    this.#pleg = new Pleg({
      clock: this.#clock,
      runtime,
      relistPeriod: loops.relist,
      firstRelistAt: this.#firstTick('relist', loops.relist),
      beforeRelist: () => this.#probes.beforeRelist(),
      onEvents: (uid, events) => this.syncLoop.onLifecycleEvents(uid, events),
    });
    const { onChange } = options;
    this.#health = new RuntimeHealth({
      clock: this.#clock,
      runtime,
      pleg: this.#pleg,
      settings: settings.runtimeHealth,
      onFirstAnswer: () => this.#onRuntimeUp(),
      onChange: () => {
        this.#workers.keepResyncs();
        onChange();
      },
    });
    this.#csiNode = new CsiNodeInitializer({
      clock: this.#clock,
      api: this.#api,
      nodeName,
      ordinal: options.ordinal,
      migratedPlugins: settings.migratedPlugins,
      pauses: simulation.stream('CSINode back-off'),
      onChange,
    });
    const firstImageList = this.#nextPass('image list', loops.imageList);
    this.#images = new ImageList(this.#clock, runtime, loops.imageList, firstImageList, onChange);
    this.#statuses = this.#makeStatusManager();
    this.#probes = this.#makeProbeManager();
    this.#workers = this.#makeWorkers();
    this.#housekeeper = this.#makeHousekeeper();
    this.syncLoop = this.#makeSyncLoop();
    this.#pressure = this.#makePressure();
    this.#shutdown = this.#makeShutdownManager();
    runtime.listener = {
      podChanged: (uid) => {
        this.#probes.catchUp(uid);
        this.#probes.look(uid);
        this.#pleg.podChanged(uid);
      },
      answersChanged: (uid) => {
        this.#probes.catchUp(uid);
        this.#probes.look(uid);
      },
      usageChanged: () => this.#pressure.usageChanged(),
      runtimeChanged: () => {
        this.#workers.keepResyncs();
        this.#health.runtimeChanged();
        options.onRuntimeChange();
      },
      imagesChanged: () => this.#images.imagesChanged(),
      imageReleased: (ref, since) => this.#pressure.imageReleased(ref, since),
    };
  }

  /** Why the node is not ready. */
  get readyErrors(): readonly string[] {
    return [
      ...this.#health.runtimeErrors,
      ...this.#health.networkErrors,
      ...(this.#csiNode.error ? [this.#csiNode.error] : []),
      ...this.#shutdown.errors,
    ];
  }

  /** Volumes that must not be detached, by unique name; undefined while none ever had to be attached. */
  get volumesInUse(): readonly string[] | undefined {
    return this.#volumes.volumesInUse;
  }

  /** As the kubelet last listed them. */
  get images(): readonly StoredImage[] {
    return this.#images.images;
  }

  /** Pressure conditions in force. */
  get pressure(): readonly string[] {
    return this.#pressure.conditions;
  }

  /** Asks the runtime how it is, beside the loop that does so each 5 s. */
  updateRuntimeUp(): void {
    this.#health.poll();
  }

  /** Nothing goes on any more, as if it were stopped by SIGSTOP. Answers how it goes on, with all that it had in memory. */
  freeze(): () => void {
    this.#probes.catchUpAll();
    this.#clock.freeze();
    return () => {
      this.#probes.passOver();
      this.#clock.thaw();
    };
  }

  /** The process dies: containers run on. */
  stop(): void {
    this.#clock.stop();
    this.#options.runtime.listener = undefined;
    this.#options.machine.inhibitShutdown(undefined);
    this.#api.abandon();
    this.#objects.stop();
  }

  // ------------------------------------------------------------------------------------------------------- the parts

  /** The run shows how this process begins: kubelets that are there when it starts have run for some time. */
  get #isStartSeen(): boolean {
    return this.#options.ordinal > 0 || this.#clock.startedAt > 0;
  }

  /** The next pass of a slow loop, which begins with its process and hardly drifts (`wait.Until`). */
  #nextPass(loop: string, period: Micros): Micros {
    return this.#isStartSeen ? this.#clock.startedAt + period : this.#firstTick(loop, period);
  }

  /** A fast loop's phase: it began when the process did, and drifted since. */
  #firstTick(loop: string, period: Micros): Micros {
    const { nodeName, ordinal, simulation } = this.#options;
    const share = simulation.stream('kubelet loop phase').uniform(entityKey(`${nodeName}/${loop}`), ordinal);
    return simulation.now + Math.floor(share * period);
  }

  #workQueue(): WorkQueue {
    const { sync } = this.#options.settings.loops;
    return new WorkQueue(this.#clock, sync, this.#firstTick('sync', sync), (uids) => this.syncLoop.syncPods(uids));
  }

  #makeStatusManager(): StatusManager {
    const { loops, gates } = this.#options.settings;
    return new StatusManager({
      clock: this.#clock,
      api: this.#api,
      gates,
      syncPeriod: loops.statuses,
      firstSyncAt: this.#firstTick('statuses', loops.statuses),
      podOf: (uid) => this.syncLoop.podOf(uid),
      shownOf: (uid) => this.syncLoop.shownOf(uid),
      couldHaveRunningContainers: (uid) => this.#housekeeper.couldHaveRunningContainers(uid),
      beforeChange: (uid) => this.#probes.catchUp(uid),
      afterChange: (uid) => this.#onStatusChanged(uid),
    });
  }

  #makeProbeManager(): ProbeManager {
    const { recorder, runtime, settings, simulation } = this.#options;
    return new ProbeManager({
      clock: this.#clock,
      runtime,
      events: this.#events,
      settings: settings.probes,
      gates: settings.gates,
      startDelays: simulation.stream('probe worker start'),
      timeline: recorder.open(PROBES),
      statusOf: (uid) => this.#statuses.get(uid),
      onResult: (uid, kind, containerId, result) => this.syncLoop.onProbeResult(uid, kind, containerId, result),
    });
  }

  #makeWorkers(): PodWorkers {
    const { settings, simulation } = this.#options;
    return new PodWorkers({
      clock: this.#clock,
      syncer: this.#makeSyncer(),
      queue: this.#queue,
      settings: settings.podWorkers,
      jitter: simulation.stream('pod worker requeue'),
      getNewerThan: (uid, time, then) => this.#pleg.getNewerThan(uid, time, then),
      getCached: (uid) => this.#pleg.get(uid),
      requestRelist: (uid) => this.#pleg.requestRelist(uid),
      onTerminated: (worker) => this.#housekeeper.onTerminated(worker),
      onFinished: (worker) => this.#housekeeper.onFinished(worker),
    });
  }

  #makeSyncer(): KubeletPodSyncer {
    const { hostIP, nodeName, recorder, runtime, settings } = this.#options;
    const clock = this.#clock;
    const events = this.#events;
    const hooks = new HookRunner(clock, runtime);
    const killer = new ContainerKiller({ clock, runtime, events, hooks, rules: settings.termination });
    const timeline = recorder.open(IMAGE_PULLS);
    const images = new ImageManager({ clock, runtime, events, settings: settings.images, node: nodeName, timeline });
    const { eventsNameContainers, gates, limits } = settings;
    const generator = new PodStatusGenerator({
      gates,
      hostIP,
      hostIPs: [{ ip: hostIP }],
      statusOf: (uid) => this.#statuses.get(uid),
      failureOf: (uid, container) => this.#reasons.get(uid, container),
      withProbeResults: (pod, status) => this.#probes.withProbeResults(pod, status),
      deadlineExceeded: (pod) => this.#deadlineExceeded(pod),
    });
    const runtimeSync = new RuntimeSync({
      clock,
      runtime,
      events,
      killer,
      starter: new ContainerStarter({
        clock,
        runtime,
        events,
        images,
        hooks,
        killer,
        objects: this.#objects,
        eventsNameContainers,
        hookEventsTellDetails: settings.termination.hookEventsTellDetails,
        limits,
      }),
      probesOf: (uid) => this.#probes.resultsOf(uid),
      restartBackoff: new RestartBackoff(settings.restartBackoff),
      backoffSettings: settings.restartBackoff,
      gates,
      lastHousekeepingAt: () => this.#housekeeper.lastPassAt,
      hasClusterDNS: settings.hasClusterDNS,
      isTerminationRequested: (uid) => this.#workers.get(uid)?.isTerminationRequested ?? false,
      onSandboxReady: (pod) => (settings.pushesSandboxReady ? this.#statuses.setSandboxReady(pod) : undefined),
    });
    return new KubeletPodSyncer({
      clock,
      runtime,
      events,
      generator,
      statuses: this.#statuses,
      probes: this.#probes,
      reasons: this.#reasons,
      volumes: this.#volumes,
      mirrors: this.#mirrors,
      killer,
      runtimeSync,
      rules: { ...gates, tellsEndOfTermination: settings.tellsEndOfTermination },
      networkErrors: () => this.#health.networkErrors,
      requeue: (pod) => this.#workers.updatePod({ type: 'update', pod }),
    });
  }

  #makeVolumeManager(): VolumeManager {
    const { node, nodeName, onChange, recorder, settings } = this.#options;
    return new VolumeManager({
      clock: this.#clock,
      settings: settings.volumes,
      objects: this.#objects,
      events: this.#events,
      firstPassAt: this.#firstTick('reconciler', settings.volumes.reconcilerLoopSleepPeriod),
      nodeName,
      timeline: recorder.open(VOLUMES),
      node,
      onVolumesInUse: onChange,
      onOutdated: (uid) => this.#workers.keepResync(uid),
    });
  }

  #makeHousekeeper(): Housekeeper {
    const { hasPods, runtime, settings } = this.#options;
    const { housekeeping, containerGC } = settings.loops;
    return new Housekeeper({
      clock: this.#clock,
      runtime,
      workers: this.#workers,
      statuses: this.#statuses,
      probes: this.#probes,
      reasons: this.#reasons,
      pleg: this.#pleg,
      period: housekeeping,
      firstAt: this.#firstTick('housekeeping', housekeeping),
      containerGCPolicy: settings.containerGC,
      containerGCPeriod: containerGC,
      nextContainerGCAt: this.#nextPass('container garbage collection', containerGC),
      collectsAtOnce: this.#isStartSeen,
      orphanGracePeriodSeconds: settings.killing.orphanGracePeriodSeconds,
      areSourcesReady: hasPods,
      podOf: (uid) => this.syncLoop.podOf(uid),
      pods: () => this.syncLoop.pods(),
      removeOrphanedMirrors: () => this.syncLoop.removeOrphanedMirrors(),
    });
  }

  #makeSyncLoop(): SyncLoop {
    const { settings } = this.#options;
    const { gates } = settings;
    const admitter = new Admitter({
      api: this.#api,
      events: this.#events,
      statuses: this.#statuses,
      settings: settings.admission,
      marksDisruptionTarget: gates.PodDisruptionConditions,
      node: this.#options.node,
      pressure: () => this.pressure,
      isShuttingDown: () => this.#shutdown.isShuttingDown,
      killPod: (pod, kill, then) => this.syncLoop.killPod(pod, kill, then),
    });
    return new SyncLoop({
      clock: this.#clock,
      events: this.#events,
      workers: this.#workers,
      statuses: this.#statuses,
      admitter,
      mirrors: this.#mirrors,
      killing: settings.killing,
      skipsRefusedPods: gates.InPlacePodVerticalScaling,
      runtimeErrors: () => this.#health.runtimeErrors,
      wakeHousekeeping: () => this.#housekeeper.wake(),
      onContainerDied: (uid, containerId) => this.#housekeeper.onContainerDied(uid, containerId),
    });
  }

  #makePressure(): NodePressure {
    const { capacity, nodeName, onChange, recorder, runtime, settings, simulation } = this.#options;
    return new NodePressure({
      clock: this.#clock,
      simulation,
      runtime,
      events: this.#events,
      settings,
      capacity,
      node: nodeName,
      timeline: recorder.open(KUBELET_EVICTIONS),
      isStartSeen: this.#isStartSeen,
      firstTick: (loop, period) => this.#firstTick(loop, period),
      nextPass: (loop, period) => this.#nextPass(loop, period),
      activePods: () => this.syncLoop.activePods(),
      deleteAllUnusedContainers: () => this.#housekeeper.deleteAllUnusedContainers(),
      killPod: (pod, kill, then) => this.syncLoop.killPod(pod, kill, then),
      isFinished: (uid) => this.#workers.get(uid)?.isFinished ?? true,
      onConditions: onChange,
    });
  }

  #makeShutdownManager(): ShutdownManager {
    const { machine, onShutdown, settings } = this.#options;
    const { periods, waitsForUnmount } = settings.shutdown;
    return new ShutdownManager({
      clock: this.#clock,
      machine,
      events: this.#events,
      periods,
      unmountPollPeriod: waitsForUnmount ? settings.volumes.podAttachAndMountRetryInterval : undefined,
      marksDisruptionTarget: settings.gates.PodDisruptionConditions,
      activePods: () => this.syncLoop.activePods(),
      killPod: (pod, kill, then) => this.syncLoop.killPod(pod, kill, then),
      isFinished: (uid) => this.#workers.get(uid)?.isFinished ?? true,
      onShutdown,
    });
  }

  // ------------------------------------------------------------------------------------------------ between the parts

  #onRuntimeUp(): void {
    this.#options.onRuntimeUp();
    if (this.#options.settings.enforcesAllocatableOfPods) {
      // pkg/kubelet/cm/node_container_manager_linux.go enforceNodeAllocatableCgroups
      this.#events.recordNode('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    }
  }

  #onStatusChanged(uid: string): void {
    this.#probes.look(uid);
    const pod = this.syncLoop.podOf(uid);
    const deadline = pod === undefined ? Number.POSITIVE_INFINITY : activeDeadlineOf(pod, this.#statuses.get(uid));
    if (deadline !== Number.POSITIVE_INFINITY) {
      // The tick at which it is over counts; a queue's tick comes after what is due.
      this.#deadlines.enqueue(uid, deadline - 1);
    }
  }

  #deadlineExceeded(pod: Pod): Pick<PodStatus, 'reason' | 'message'> | undefined {
    const status = this.#statuses.get(pod.metadata.uid as string);
    if (this.#clock.now < activeDeadlineOf(pod, status)) {
      return undefined;
    }
    this.#events.record(pod, undefined, 'Normal', DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message);
    return DEADLINE_EXCEEDED;
  }
}
