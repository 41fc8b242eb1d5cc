import { draw, type EntityKey, entityKey, type Micros, type ObjectKey } from '../../../engine/index.js';
import type { ProbeKind, UsageCurve } from '../behaviour.js';
import { NO_SPACE } from '../disk/filesystem.js';
import type { DiskTemplate, MachineDisks } from '../disk/machine-disks.js';
import type { Machine } from '../machine.js';
import { type Usage, usageFrom } from '../usage-curve.js';
import type { World } from '../world.js';
import { ActiveFaults } from './active-faults.js';
import { FullDisks } from './full-disks.js';
import { hexId } from './identity.js';
import { ImageStore } from './image-store.js';
import type { RuntimeLevers } from './levers.js';
import type { MachineMemory } from './machine-memory.js';
import { MachineUsage } from './machine-usage.js';
import { PodTable } from './pod-table.js';
import { ProbeTarget } from './probe-target.js';
import type { Run } from './run-log.js';
import { planFor, reasonOf } from './run-plan.js';
import { RuntimeCalls } from './runtime-calls.js';
import { CRI_ROOT, Sandboxes } from './sandboxes.js';
import { ServedPorts } from './served-ports.js';
import {
  type ContainerConfig,
  findById,
  type RuntimeContainer,
  type RuntimeListener,
  type RuntimePod,
  type RuntimeReply,
  type RuntimeSandbox,
  type SandboxConfig,
  withContainer,
} from './status.js';
import { SIGKILL_EXIT_CODE, Task, type TaskEnd } from './task.js';

export interface ContainerRuntimeOptions {
  readonly world: World;
  readonly machine: Machine;
  /** Bytes of memory in the machine. */
  readonly memory: number;
  /** Default: one disk that nobody measures. */
  readonly disks?: DiskTemplate | undefined;
  readonly maxPID?: number | undefined;
  /** Addresses of its pods, as "10.244.3.0/24"; left out: the network waits until it is told. */
  readonly podCIDR?: string;
  /** Address of the machine itself. */
  readonly hostIP?: string;
}

const UNMEASURED: DiskTemplate = { nodefs: { capacity: 0, inodes: 0 } };

type Then<T> = (reply: RuntimeReply<T>) => void;

/** What a runtime leaves in a container that was running when the machine lost power (containerd, unknownExitStatus). */
const UNKNOWN_EXIT = { code: 255, reason: 'Unknown' };

/**
 * The container runtime of one machine, as the kubelet sees it through the CRI. Containers are processes of the machine: they
 * outlive the kubelet and die with the power; what the runtime knows of them is on disk and outlives both.
 */
export class ContainerRuntime implements RuntimeLevers {
  readonly images: ImageStore;
  readonly usage: MachineUsage;
  /** Whoever wants to hear of changes; one at a time. */
  listener: RuntimeListener | undefined;
  readonly #world: World;
  readonly #machine: Machine;
  readonly #pods = new PodTable(
    (uid) => this.#onPodGone(uid),
    (uid) => this.listener?.podChanged(uid),
  );
  readonly #sandboxes: Sandboxes;
  readonly #fullDisks: FullDisks;
  readonly #served: ServedPorts | undefined;
  readonly #stopping = new Map<string, (() => void)[]>();
  readonly #faults = new ActiveFaults();
  readonly #calls: RuntimeCalls;
  /** One for all tasks: a closure made where a container is started would keep what started it for as long as it runs. */
  readonly #onTaskEnd = (task: Task, end: TaskEnd): void => this.#end(task, end);
  #serial = 0;

  constructor({ world, machine, memory, disks = UNMEASURED, maxPID, podCIDR, hostIP }: ContainerRuntimeOptions) {
    this.#world = world;
    this.#machine = machine;
    this.#served = world.podNetwork && new ServedPorts(world, machine, this.#pods, hostIP);
    this.#calls = new RuntimeCalls(world, machine);
    this.usage = new MachineUsage({
      simulation: world.simulation,
      memory,
      disks,
      maxPID,
      kill: (victim) => this.#end(victim, { at: this.#now, code: SIGKILL_EXIT_CODE, reason: 'OOMKilled' }),
    });
    this.images = new ImageStore(world, machine.node, this.disks.imagefs, () => {
      this.listener?.imagesChanged();
      this.#tellUsage(true);
    });
    this.#sandboxes = new Sandboxes({
      world,
      pods: this.#pods,
      disk: this.disks.containerfs,
      served: this.#served,
      faults: this.#faults,
      podCIDR,
      newId: () => this.#newId(),
    });
    this.#fullDisks = new FullDisks({
      simulation: world.simulation,
      disks: this.disks,
      crash: (task, code) => this.#end(task, { at: this.#now, code, reason: reasonOf(code) }),
    });
    machine.onPower((isOn) => (isOn ? undefined : this.#onPowerLost()));
  }

  get memory(): MachineMemory {
    return this.usage.memory;
  }

  get disks(): MachineDisks {
    return this.usage.disks;
  }

  /** What RuntimeReady and NetworkReady of the CRI's Status call say. */
  get isResponding(): boolean {
    return this.#machine.isOn && !this.#faults.isHanging;
  }

  /** Since when it has not answered; undefined while it does. */
  get hangsSince(): Micros | undefined {
    return this.#calls.hangsSince;
  }

  get isNetworkReady(): boolean {
    return this.#sandboxes.isNetworkReady;
  }

  /** New sandboxes get an address of each of these blocks; those that have some keep them. */
  usePodCIDRs(podCIDRs: readonly string[]): void {
    if (this.#sandboxes.usePodCIDRs(podCIDRs)) {
      this.listener?.runtimeChanged();
    }
  }

  /** Every pod of which the runtime holds a sandbox or container, in order of their first sandbox. */
  pods(): Iterable<RuntimePod> {
    return this.#pods.all();
  }

  pod(uid: string): RuntimePod | undefined {
    return this.#pods.get(uid);
  }

  /** What the runtime holds of one pod, as one call of it tells: at least a microsecond later than what it was asked after. */
  inspect(podUid: string, then: (pod: RuntimePod | undefined) => void): void {
    this.#calls.callFor(podUid, () => then(this.#pods.get(podUid)), 1);
  }

  // ------------------------------------------------------------------------------------------------------- sandboxes

  runPodSandbox(config: SandboxConfig, then: Then<RuntimeSandbox>): void {
    const { sandboxStart } = this.#world.settings;
    this.#calls.call(this.#latency('sandbox start', sandboxStart, entityKey(config.podKey), config.attempt), () => {
      then(this.#sandboxes.create(config));
    });
  }

  /** Ends what still runs in it and gives its address back. */
  stopPodSandbox(podUid: string, sandboxId: string, then: () => void): void {
    this.#calls.callFor(podUid, () => {
      const pod = this.#pods.get(podUid);
      const sandbox = pod?.sandboxes.find(({ id }) => id === sandboxId);
      if (pod !== undefined && sandbox?.isReady) {
        for (const container of pod.containers) {
          const task = container.sandboxId === sandboxId ? this.#world.tasks.get(container.id) : undefined;
          if (task !== undefined) {
            this.#end(task, { at: this.#now, code: SIGKILL_EXIT_CODE, reason: reasonOf(SIGKILL_EXIT_CODE) });
          }
        }
        this.#sandboxes.close(podUid, sandbox);
      }
      then();
    });
  }

  removePodSandbox(podUid: string, sandboxId: string): void {
    this.#sandboxes.remove(podUid, sandboxId);
  }

  // ------------------------------------------------------------------------------------------------------ containers

  createContainer(podUid: string, sandboxId: string, config: ContainerConfig, then: Then<RuntimeContainer>): void {
    this.#calls.callFor(podUid, () => {
      const pod = this.#pods.get(podUid);
      if (!pod?.sandboxes.some(({ id, isReady }) => id === sandboxId && isReady)) {
        then({ ok: false, message: `sandbox "${sandboxId}" is not running` });
        return;
      }
      if (this.disks.containerfs.isFullAt(this.#now)) {
        const path = `${CRI_ROOT}/containers`;
        then({ ok: false, message: `failed to create container root directory: mkdir ${path}: ${NO_SPACE}` });
        return;
      }
      const { name, image, imageRef, restartCount } = config;
      this.#served?.note(podUid, config);
      const container: RuntimeContainer = {
        id: this.#newId(),
        name,
        sandboxId,
        image,
        imageRef,
        restartCount,
        state: 'created',
        createdAt: this.#now,
        startedAt: undefined,
        finishedAt: undefined,
        exitCode: undefined,
        reason: undefined,
      };
      this.images.use(imageRef);
      this.#pods.replace(withContainer(pod, container));
      then({ ok: true, value: container });
    });
  }

  /** Answers when the process runs; `config` is the one it was created with. */
  startContainer(podUid: string, containerId: string, config: ContainerConfig, then: Then<RuntimeContainer>): void {
    const { tasks } = this.#world;
    const sandbox = this.#pods.configOf(podUid);
    if (sandbox === undefined) {
      this.#calls.callFor(podUid, () => then({ ok: false, message: `container "${containerId}" not found` }));
      return;
    }
    const { key, behaviour, plan } = planFor(this.#world, sandbox, config);
    this.#calls.call(plan.startLatency, () => {
      const pod = this.#pods.get(podUid);
      const created = findById(pod, containerId);
      if (pod === undefined || created?.state !== 'created') {
        then({ ok: false, message: `container "${containerId}" cannot be started` });
        return;
      }
      const running: RuntimeContainer = { ...created, state: 'running', startedAt: this.#now };
      const task = new Task({
        containerId,
        podUid,
        podKey: sandbox.podKey,
        key,
        config,
        behaviour,
        plan,
        startedAt: this.#now,
        onEnd: this.#onTaskEnd,
      });
      const isUser = this.usage.begin(task, config, this.#leaks(sandbox.podKey, task), this.#now);
      tasks.add(task);
      this.#fullDisks.begin(task);
      task.lookAround(this.#world, this.#machine.node, () => this.listener?.answersChanged(podUid, containerId));
      this.#world.podNetwork?.changesAfter(plan.readyAfter);
      this.#pods.replace(withContainer(pod, running));
      this.#tellUsage(isUser);
      then({ ok: true, value: running });
    });
  }

  /** SIGTERM, and SIGKILL after `timeout`; answers when the process is gone. */
  stopContainer(podUid: string, containerId: string, timeout: Micros, then: () => void): void {
    this.#calls.callFor(podUid, () => {
      const task = this.#world.tasks.get(containerId);
      if (task === undefined) {
        then();
        return;
      }
      const waiting = this.#stopping.get(containerId);
      if (waiting === undefined) {
        this.#stopping.set(containerId, [then]);
      } else {
        waiting.push(then);
      }
      task.terminate(this.#world, timeout);
      this.#world.tasks.foresee(task);
      this.#world.podNetwork?.changed();
    });
  }

  /** How often a container of the pod was started, by the logs it left. */
  startsOf(podUid: string, name: string): number {
    return this.#pods.startsOf(podUid, name);
  }

  removeContainer(podUid: string, containerId: string): void {
    const pod = this.#pods.get(podUid);
    const removed = findById(pod, containerId);
    if (pod !== undefined && removed !== undefined && !this.#world.tasks.get(containerId)) {
      this.#pods.removeContainer(pod, removed);
      const usedSince = this.images.release(removed.imageRef);
      if (usedSince !== undefined) {
        this.listener?.imageReleased(removed.imageRef, usedSince);
      }
      this.#tellUsage(this.usage.removeContainer(containerId));
    }
  }

  /** The pod's directories go, and the emptyDirs in them. */
  removePodVolumes(podUid: string): void {
    this.#tellUsage(this.usage.removeVolumes(podUid));
  }

  isRunning(containerId: string): boolean {
    return this.#world.tasks.get(containerId) !== undefined;
  }

  /** The runs of a pod's containers that go on or ended in the last minutes: what usage is measured on. */
  runsOf(podUid: string): readonly Run[] {
    return this.#world.tasks.runsOf(podUid, this.#pods.get(podUid)?.containers ?? []);
  }

  /** How a running container answers a kind of probe; undefined when it does not run. */
  probeTarget(containerId: string, kind: ProbeKind): ProbeTarget | undefined {
    const task = this.#world.tasks.get(containerId);
    const pod = task && this.#pods.get(task.podUid);
    return (
      task &&
      pod &&
      new ProbeTarget(this.#world.simulation, task, kind, () => this.#faults.isProbeFailing(pod.key, task.name, kind))
    );
  }

  /** How this run of a container takes a lifecycle hook; undefined when its behaviour does not say. */
  hookOf(containerId: string, hook: 'postStart' | 'preStop'): { takes?: Micros; fails: boolean } | undefined {
    const task = this.#world.tasks.get(containerId);
    const behaviour = task?.behaviour[hook];
    return (
      task &&
      behaviour && {
        ...(behaviour.takes && {
          takes: this.#latency(`${hook} hook`, behaviour.takes, task.key, task.restartCount),
        }),
        fails: behaviour.fails ?? false,
      }
    );
  }

  // ---------------------------------------------------------------------------------------------------------- levers

  exit(pod: ObjectKey, container: string, code: number, reason: string = reasonOf(code)): boolean {
    const task = this.#taskOf(pod, container);
    if (task !== undefined) {
      this.#end(task, { at: this.#now, code, reason });
    }
    return task !== undefined;
  }

  failProbe(pod: ObjectKey, container: string, probe: ProbeKind): () => void {
    return this.#faults.failProbe(pod, container, probe, () => {
      const task = this.#taskOf(pod, container);
      if (task !== undefined) {
        this.listener?.answersChanged(task.podUid, task.containerId);
      }
    });
  }

  leak(pod: ObjectKey, container: string, memory: UsageCurve): () => void {
    return this.#faults.leak(pod, container, { curve: memory, since: this.#now }, () => {
      const task = this.#taskOf(pod, container);
      if (task !== undefined) {
        const matters = this.usage.useMemory(task, this.#leaks(pod, task), this.#now);
        this.#world.tasks.foresee(task);
        this.#tellUsage(matters);
      }
    });
  }

  fillDisk(disk: 'nodefs' | 'imagefs', bytes: UsageCurve): () => void {
    const { bytes: meter } = this.disks[disk];
    const files = {};
    this.#tellUsage(meter.set(files, [usageFrom(bytes, this.#now)]));
    return () => this.#tellUsage(meter.set(files, []));
  }

  breakNetworkPlugin(): () => void {
    return this.#faults.breakNetworkPlugin(() => this.listener?.runtimeChanged());
  }

  hang(): () => void {
    const heal = this.#faults.hang(() => {
      this.#calls.goOn();
      this.listener?.runtimeChanged();
    });
    if (this.#calls.hangsSince === undefined) {
      this.#calls.hang();
      this.listener?.runtimeChanged();
    }
    return heal;
  }

  // -------------------------------------------------------------------------------------------------------- inside

  get #now(): Micros {
    return this.#world.simulation.now;
  }

  #taskOf(podKey: ObjectKey, container: string): Task | undefined {
    const running = this.#pods.running(podKey, container);
    return running && this.#world.tasks.get(running.id);
  }

  #leaks(podKey: ObjectKey, task: Task): readonly Usage[] {
    return this.#faults
      .leaksOf(podKey, task.name)
      .map(({ curve, since }) => usageFrom(curve, Math.max(since, task.startedAt)));
  }

  #tellUsage(hasChanged: boolean): void {
    if (hasChanged) {
      this.#fullDisks.foresee();
      this.listener?.usageChanged();
    }
  }

  #end(task: Task, { code, reason }: TaskEnd): void {
    this.#world.tasks.remove(task);
    this.#fullDisks.end(task);
    const end = { state: 'exited', finishedAt: this.#now, exitCode: code, reason } as const;
    this.#pods.changeContainer(task.podUid, task.containerId, end);
    this.#tellUsage(this.usage.end(task, this.#now));
    this.#world.podNetwork?.changed();
    const waiting = this.#stopping.get(task.containerId) ?? [];
    this.#stopping.delete(task.containerId);
    for (const then of waiting) {
      then();
    }
  }

  #onPodGone(uid: string): void {
    this.#served?.forget(uid);
    this.removePodVolumes(uid);
  }

  /** Calls in flight are lost without an answer. The disk keeps what was, and what ran is found dead at the next boot. */
  #onPowerLost(): void {
    this.#calls.lose();
    this.#stopping.clear();
    for (const pod of [...this.#pods.all()]) {
      for (const container of pod.containers) {
        const task = this.#world.tasks.get(container.id);
        if (task !== undefined) {
          this.#end(task, { at: this.#now, ...UNKNOWN_EXIT });
        }
      }
      for (const sandbox of pod.sandboxes) {
        if (sandbox.isReady) {
          this.#sandboxes.close(pod.uid, sandbox);
        }
      }
    }
  }

  #newId(): string {
    return hexId(`${this.#machine.node}/${this.#serial++}`);
  }

  #latency(purpose: string, distribution: World['settings']['runtimeCall'], key: EntityKey, n: number): Micros {
    return Math.max(0, Math.round(draw(this.#world.simulation.stream(purpose), key, n, distribution)));
  }
}
