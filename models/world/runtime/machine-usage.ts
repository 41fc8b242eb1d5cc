import type { Micros, Simulation } from '../../../engine/index.js';
import type { UsageCurve } from '../behaviour.js';
import { type DiskTemplate, MachineDisks } from '../disk/machine-disks.js';
import { haltedAt, limitedTo, type Usage, usageFrom } from '../usage-curve.js';
import { UsageMeter } from '../usage-meter.js';
import { type HeldMemory, MachineMemory } from './machine-memory.js';
import type { ContainerConfig } from './status.js';
import type { Task } from './task.js';

export interface MachineUsageOptions {
  readonly simulation: Simulation;
  /** Bytes of memory in the machine. */
  readonly memory: number;
  readonly disks: DiskTemplate;
  /** How many processes the kernel allows. Default: as many threads as it allows for the memory. */
  readonly maxPID?: number | undefined;
  /** Ends a process, since the machine has no memory left. */
  kill(victim: Task): void;
}

/** What one instance of a container left on disk, or still writes. It goes with the container. */
export interface ContainerFiles {
  layer: readonly Usage[];
  layerInodes: readonly Usage[];
  logs: readonly Usage[];
}

/** What one container of a pod has written to one of its emptyDir volumes. It goes with the pod. */
export interface VolumeFiles extends HeldMemory {
  readonly container: string;
  readonly volume: string;
  readonly isInMemory: boolean;
  usages: readonly Usage[];
  /** How far along its curve the writer is. */
  writtenFor: Micros;
  /** Since when it writes. */
  since: Micros;
}

// Linux kernel/fork.c set_max_threads: an eighth of the memory for stacks of 16 KiB
const BYTES_A_THREAD = 8 * 16 * 1024;

/** What runs on a machine, and what that uses of it. Memory and processes end with their process; files stay. */
export class MachineUsage {
  readonly memory: MachineMemory;
  readonly disks: MachineDisks;
  readonly processes = new UsageMeter<Task>();
  readonly maxPID: number;
  readonly #files = new Map<string, ContainerFiles>();
  readonly #volumes = new Map<string, VolumeFiles[]>();

  constructor({ simulation, memory, disks, maxPID, kill }: MachineUsageOptions) {
    this.memory = new MachineMemory(simulation, memory, kill);
    this.disks = new MachineDisks(disks);
    this.maxPID = maxPID ?? Math.floor(memory / BYTES_A_THREAD);
  }

  /** What an instance of a container has on disk; undefined when its behaviour tells of nothing. */
  filesOf(containerId: string): ContainerFiles | undefined {
    return this.#files.get(containerId);
  }

  /** What the pod's containers have written to its emptyDirs. */
  volumesOf(podUid: string): readonly VolumeFiles[] {
    return this.#volumes.get(podUid) ?? [];
  }

  /** A process begins. Answers whether it uses anything that is measured. */
  begin(task: Task, config: ContainerConfig, leaks: readonly Usage[], now: Micros): boolean {
    const { disk, inodes, logs, processes, volumes } = task.behaviour;
    if (volumes !== undefined) {
      this.#write(task, config, volumes, now);
    }
    const usesMemory = this.useMemory(task, leaks, now);
    const writes = disk !== undefined || inodes !== undefined || logs !== undefined;
    if (writes) {
      const kept = logs && limitedTo(logs, config.logLimit);
      const files = { layer: from(disk, now), layerInodes: from(inodes, now), logs: from(kept, now) };
      this.#files.set(task.containerId, files);
      this.#store(files, files);
    }
    const forks = this.processes.set(task, from(processes && limitedTo(processes, config.processLimit), now));
    return usesMemory || volumes !== undefined || writes || forks;
  }

  /** Sets the memory of a running process anew: `leaks` come on top of its own and of its files in memory. */
  useMemory(task: Task, leaks: readonly Usage[], now: Micros): boolean {
    const files = task.behaviour.volumes === undefined ? [] : this.#writtenBy(task);
    const inMemory = files.filter(({ isInMemory }) => isInMemory).flatMap(({ usages }) => usages);
    task.useMemory([...leaks, ...inMemory], now);
    return this.memory.account(task, true);
  }

  /** A process has ended. Answers whether it used anything that is measured. */
  end(task: Task, now: Micros): boolean {
    const files = this.#files.get(task.containerId);
    if (files !== undefined) {
      files.layer = halted(files.layer, now);
      files.layerInodes = halted(files.layerInodes, now);
      files.logs = halted(files.logs, now);
      this.#store(files, files);
    }
    const written = task.behaviour.volumes === undefined ? [] : this.#writtenBy(task);
    for (const one of written) {
      one.usages = halted(one.usages, now);
      one.writtenFor += now - one.since;
      this.#storeVolume(one, one.usages);
    }
    const hadProcesses = this.processes.set(task, []);
    return this.memory.account(task, false) || files !== undefined || written.length > 0 || hadProcesses;
  }

  /** A dead container is removed, its layer and logs with it. Answers whether that makes a difference. */
  removeContainer(containerId: string): boolean {
    const files = this.#files.get(containerId);
    if (files !== undefined) {
      this.#files.delete(containerId);
      this.#store(files, NO_FILES);
    }
    return files !== undefined;
  }

  /** The pod's volumes are unmounted, its emptyDirs with all that is in them. Answers whether that makes a difference. */
  removeVolumes(podUid: string): boolean {
    for (const one of this.volumesOf(podUid)) {
      this.#storeVolume(one, []);
    }
    return this.#volumes.delete(podUid);
  }

  /** Goes on writing to the pod's emptyDirs. What of that is in memory counts for the process as long as there is one. */
  #write(task: Task, { emptyDirs }: ContainerConfig, curves: Readonly<Record<string, UsageCurve>>, now: Micros): void {
    for (const [volume, curve] of Object.entries(curves)) {
      const medium = emptyDirs?.[volume];
      if (medium === undefined) {
        continue;
      }
      const one = this.#volumeOf(task, volume, medium === 'memory');
      one.since = now;
      one.usages = [usageFrom(curve, now - one.writtenFor)];
      this.#storeVolume(one, one.isInMemory ? [] : one.usages);
    }
  }

  #volumeOf(task: Task, volume: string, isInMemory: boolean): VolumeFiles {
    const found = this.#writtenBy(task).find((one) => one.volume === volume);
    if (found !== undefined) {
      return found;
    }
    const { name: container, podUid } = task;
    const made = { podUid, container, volume, isInMemory, usages: [], writtenFor: 0, since: 0 };
    this.#volumes.set(podUid, [...this.volumesOf(podUid), made]);
    return made;
  }

  #writtenBy({ name, podUid }: Task): readonly VolumeFiles[] {
    return this.volumesOf(podUid).filter(({ container }) => container === name);
  }

  #storeVolume(one: VolumeFiles, usages: readonly Usage[]): void {
    if (one.isInMemory) {
      this.memory.hold(one, usages);
    } else {
      this.disks.nodefs.bytes.set(one, usages);
    }
  }

  #store(key: object, { layer, layerInodes, logs }: ContainerFiles): void {
    const { containerfs, nodefs } = this.disks;
    if (containerfs === nodefs) {
      nodefs.bytes.set(key, [...layer, ...logs]);
    } else {
      containerfs.bytes.set(key, layer);
      nodefs.bytes.set(key, logs);
    }
    containerfs.inodes.set(key, layerInodes);
  }
}

const NO_FILES: ContainerFiles = { layer: [], layerInodes: [], logs: [] };

const from = (curve: UsageCurve | undefined, now: Micros): readonly Usage[] =>
  curve === undefined ? [] : [usageFrom(curve, now)];

const halted = (usages: readonly Usage[], now: Micros): readonly Usage[] => usages.map((usage) => haltedAt(usage, now));
