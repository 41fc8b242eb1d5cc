import type { Micros } from '../../engine/index.js';

/** What a kubelet tells of one container. */
export interface Point {
  readonly container: string;
  readonly startTime: Micros;
  readonly timestamp: Micros;
  /** Working set, bytes. */
  readonly memory: number;
  /** Growth of the CPU counter since an earlier instant: cores × microseconds. */
  cpuSince(earlier: Micros): number;
}

/** What is stored of one container: its newest point, and what its CPU is measured against. */
interface Stored {
  readonly last: Point;
  /** Undefined: no value yet. */
  readonly since: Micros | undefined;
}

/** What is stored of one pod, by container. Containers that the newest scrape did not tell of are forgotten. */
export type StoredPod = ReadonlyMap<string, Stored>;

export interface StorageSettings {
  readonly metricResolution: Micros;
  readonly freshContainerMinMetricsResolution: Micros;
}

/**
 * A scrape more of one pod. As podStorage.Store (metrics-server 0.8 pkg/storage/pod.go): CPU is what the counter grew by between the
 * two newest different points, a restart begins anew, and a container younger than the resolution counts from its start.
 */
export function store(before: StoredPod, points: readonly Point[], settings: StorageSettings): StoredPod {
  return new Map(points.map((point) => [point.container, storePoint(before.get(point.container), point, settings)]));
}

function storePoint(
  before: Stored | undefined,
  point: Point,
  { metricResolution, freshContainerMinMetricsResolution }: StorageSettings,
): Stored {
  const age = point.timestamp - point.startTime;
  if (age > 0 && age < metricResolution && age >= freshContainerMinMetricsResolution) {
    return { last: point, since: point.startTime };
  }
  if (before === undefined || point.startTime >= before.last.timestamp) {
    return { last: point, since: undefined };
  }
  if (point.timestamp > before.last.timestamp) {
    return { last: point, since: before.last.timestamp };
  }
  return {
    last: point,
    since: before.since !== undefined && before.since < point.timestamp ? before.since : undefined,
  };
}

/** Usage of one pod over the time since its points before. */
export interface Usage {
  readonly timestamp: Micros;
  readonly window: Micros;
  readonly containers: readonly { readonly name: string; readonly nanocores: number; readonly memory: number }[];
}

/** The usage of a pod: undefined until each of its containers has been measured. As podStorage.GetMetrics. */
export function usageOf(pod: StoredPod): Usage | undefined {
  let earliest: { readonly timestamp: Micros; readonly window: Micros } | undefined;
  const containers: Usage['containers'][number][] = [];
  for (const [name, { last, since }] of pod) {
    if (since === undefined) {
      return undefined;
    }
    const window = last.timestamp - since;
    const nanocores = Math.floor((last.cpuSince(since) / window) * 1e9);
    containers.push({ name, nanocores, memory: last.memory });
    if (earliest === undefined || last.timestamp < earliest.timestamp) {
      earliest = { timestamp: last.timestamp, window };
    }
  }
  return earliest && { ...earliest, containers };
}
