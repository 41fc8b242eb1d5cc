import type { Micros } from '../../../engine/time/micros.js';
import { isCriticalPod, isRestartableInitContainer, limitsOfPod, type Pod, valueOf } from '../../api/index.js';
import { type ContainerRuntime, firstReaching, type Usage } from '../../world/index.js';
import { criticalLevel, type EvictionSettings } from './decisions.js';
import type { Signal } from './signals.js';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The first instant ≥ `now` at which the eviction manager could have something to do, if usage develops as foretold: a signal
 * lies below a threshold, or a pod has more on disk than it may. Before that its passes find nothing.
 */
export function pressureFrom(
  settings: EvictionSettings,
  runtime: ContainerRuntime,
  podsMemoryLimit: number,
  pods: Iterable<Pod>,
  now: Micros,
): Micros {
  let first = NEVER;
  for (const signal of new Set(settings.thresholds.map((threshold) => threshold.signal))) {
    first = Math.min(first, starvedFrom(settings, runtime, podsMemoryLimit, signal, now));
  }
  if (settings.localStorageCapacityIsolation) {
    for (const pod of pods) {
      first = Math.min(first, overLimitFrom(pod, runtime, settings, now));
    }
  }
  return first;
}

function starvedFrom(
  settings: EvictionSettings,
  runtime: ContainerRuntime,
  podsMemoryLimit: number,
  signal: Signal,
  now: Micros,
): Micros {
  const { meter, capacity } = meterOf(runtime, podsMemoryLimit, signal);
  const level = capacity === 0 ? 0 : criticalLevel(settings, signal, capacity);
  return level === 0 ? NEVER : meter.reaches(capacity - level + 1, now);
}

function meterOf(runtime: ContainerRuntime, podsMemoryLimit: number, signal: Signal) {
  const { disks, maxPID, memory, processes } = runtime.usage;
  const { containerfs, imagefs, nodefs } = disks;
  switch (signal) {
    case 'memory.available':
      return { meter: memory, capacity: memory.capacity };
    case 'allocatableMemory.available':
      return { meter: memory, capacity: podsMemoryLimit };
    case 'pid.available':
      return { meter: processes, capacity: maxPID };
    case 'nodefs.available':
      return { meter: nodefs.bytes, capacity: nodefs.capacity };
    case 'nodefs.inodesFree':
      return { meter: nodefs.inodes, capacity: nodefs.inodeCapacity };
    case 'imagefs.available':
      return { meter: imagefs.bytes, capacity: imagefs.capacity };
    case 'imagefs.inodesFree':
      return { meter: imagefs.inodes, capacity: imagefs.inodeCapacity };
    case 'containerfs.available':
      return { meter: containerfs.bytes, capacity: containerfs.capacity };
    case 'containerfs.inodesFree':
      return { meter: containerfs.inodes, capacity: containerfs.inodeCapacity };
  }
}

/** What `exceededLocalStorage` will find, as soon as the statistics show it. */
function overLimitFrom(pod: Pod, runtime: ContainerRuntime, settings: EvictionSettings, now: Micros): Micros {
  const uid = pod.metadata.uid as string;
  const volumes = runtime.usage.volumesOf(uid);
  const containers = (runtime.pod(uid)?.containers ?? []).flatMap(({ id, name, state }) => {
    const files = state === 'running' ? runtime.usage.filesOf(id) : undefined;
    return files === undefined ? [] : [{ name, ...files }];
  });
  if ((volumes.length === 0 && containers.length === 0) || isCriticalPod(pod)) {
    return NEVER;
  }
  const above = (usages: readonly Usage[], limit: number): Micros => firstReaching(usages, limit + 1, now);
  let first = NEVER;
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = valueOf(emptyDir?.sizeLimit ?? 0);
    const usages = volumes.filter(({ volume }) => volume === name).flatMap((files) => files.usages);
    first = limit > 0 ? Math.min(first, above(usages, limit)) : first;
  }
  const ofPod = limitsOfPod(pod.spec)['ephemeral-storage'];
  if (ofPod !== undefined) {
    const onDisk = volumes.filter(({ isInMemory }) => !isInMemory).flatMap(({ usages }) => usages);
    const written = containers.flatMap(({ layer, logs }) => [...layer, ...logs]);
    first = Math.min(first, above([...onDisk, ...written], valueOf(ofPod)));
  }
  const limited = [...pod.spec.containers, ...(pod.spec.initContainers?.filter(isRestartableInitContainer) ?? [])];
  for (const { layer, logs, name } of containers) {
    const limit = valueOf(limited.find((one) => one.name === name)?.resources?.limits?.['ephemeral-storage'] ?? 0);
    const usages = settings.diskLayout === 'singleDisk' ? [...layer, ...logs] : logs;
    first = limit > 0 ? Math.min(first, above(usages, limit)) : first;
  }
  return first;
}
