import type { TraceLine } from './trace.js';

/** A value over time: its changes, in order. Objects with random names are counted by owner. */
export interface Change {
  readonly t: number;
  readonly value: string;
}

export type Series = ReadonlyMap<string, readonly Change[]>;

/** Objects whose whole projection is followed under their own name, and the fields that hold no names or times. */
const FOLLOWED: Readonly<Record<string, readonly string[]>> = {
  Node: ['ready', 'reason', 'taints', 'unschedulable', 'MemoryPressure', 'DiskPressure', 'PIDPressure'],
  Deployment: ['replicas', 'status', 'conditions', 'revision'],
  StatefulSet: ['replicas', 'status', 'partition'],
  DaemonSet: ['status'],
  Job: ['status', 'conditions', 'suspend'],
  CronJob: ['active'],
  PodDisruptionBudget: ['status'],
  HorizontalPodAutoscaler: ['status', 'conditions', 'utilization'],
};

/**
 * Follows a trace line by line and writes down every change of every series. Pods of the StatefulSets named in `ordered` are
 * followed by name; those of others are counted, since chance decides which of them is where.
 */
export function seriesOf(lines: readonly TraceLine[], ordered: ReadonlySet<string>): Series {
  const images = new Map(
    lines.filter(({ kind }) => kind === 'ReplicaSet').map(({ name, image }) => [name, String(image)]),
  );
  const pods = new Map(
    lines.filter(({ kind }) => kind === 'Pod').map((line) => [`${line.namespace}/${line.name}`, line]),
  );
  const nodes = new Set(lines.filter(({ kind }) => kind === 'Node').map(({ name }) => name));
  const tracker = new Tracker(ordered, images, pods, nodes);
  for (const line of lines) {
    tracker.take(line);
  }
  return tracker.series;
}

class Tracker {
  readonly series = new Map<string, Change[]>();
  readonly #ordered: ReadonlySet<string>;
  /** By ReplicaSet. */
  readonly #images: ReadonlyMap<string, string>;
  /** Pods of the whole trace: the watch of Events may be ahead of the one that tells of their pods. */
  readonly #allPods: ReadonlyMap<string, TraceLine>;
  /** Nodes of the recording: what is said of others, which other recordings had, is not its own. */
  readonly #nodes: ReadonlySet<string>;
  readonly #pods = new Map<string, TraceLine>();
  readonly #eventCounts = new Map<string, number>();
  readonly #totals = new Map<string, number>();

  constructor(
    ordered: ReadonlySet<string>,
    images: ReadonlyMap<string, string>,
    allPods: ReadonlyMap<string, TraceLine>,
    nodes: ReadonlySet<string>,
  ) {
    this.#ordered = ordered;
    this.#images = images;
    this.#allPods = allPods;
    this.#nodes = nodes;
  }

  take(line: TraceLine): void {
    const fields = FOLLOWED[line.kind];
    if (fields) {
      this.#follow(line, fields);
    } else if (line.kind === 'ReplicaSet') {
      this.#follow({ ...line, name: this.#replicaSetClass(line.name, line.owner) }, ['replicas', 'status', 'revision']);
    } else if (line.kind === 'Pod') {
      this.#takePod(line);
    } else if (line.kind === 'EndpointSlice') {
      this.#takeEndpoints(line);
    } else if (line.kind === 'Event') {
      this.#takeEvent(line);
    } else if (line.kind === 'Lease') {
      this.#add(line.t, `Lease/${line.name} renewals`, 1);
    }
  }

  #follow(line: TraceLine, fields: readonly string[]): void {
    const of = `${line.kind}/${line.name}`;
    this.#set(line.t, `${of} exists`, String(line.event !== 'DELETED'));
    for (const field of line.event === 'DELETED' ? [] : fields) {
      const value = line[field];
      if (field === 'status' && typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) {
          this.#set(line.t, `${of} status.${key}`, shown(part));
        }
      } else {
        this.#set(line.t, `${of} ${field}`, shown(value));
      }
    }
  }

  #takePod(line: TraceLine): void {
    const key = `${line.namespace}/${line.name}`;
    const before = this.#pods.get(key);
    const of = this.#podClass(line);
    if (before === undefined) {
      this.#add(line.t, `${of} created`, 1);
    }
    this.#count(line.t, of, before, -1);
    if (line.event === 'DELETED') {
      this.#pods.delete(key);
      this.#add(line.t, `${of} removed`, 1);
    } else {
      this.#pods.set(key, line);
      this.#count(line.t, of, line, 1);
    }
  }

  /** Adds a pod to, or takes it out of, the counts of its class; unchanged counts leave no change behind. */
  #count(t: number, of: string, pod: TraceLine | undefined, by: number): void {
    if (pod === undefined) {
      return;
    }
    this.#add(t, `${of} in phase ${pod.phase}`, by);
    if (pod.node !== undefined) {
      this.#add(t, `${of} bound`, by);
    }
    if (isTrue(pod, 'Ready')) {
      this.#add(t, `${of} ready`, by);
    }
    if (pod.deletionTimestamp !== undefined) {
      this.#add(t, `${of} terminating`, by);
    }
    const disruption = conditionsOf(pod).DisruptionTarget;
    if (disruption !== undefined) {
      this.#add(t, `${of} disrupted by ${disruption}`, by);
    }
    for (const container of (pod.containers as readonly string[] | undefined) ?? []) {
      this.#add(t, `${of} container ${container.replace(/ \(.*?\)(?= restarts)| (ready|started)=\S+/g, '')}`, by);
    }
  }

  #takeEndpoints(line: TraceLine): void {
    const endpoints = (line.endpoints as readonly string[] | null | undefined) ?? [];
    const flags = endpoints.map((endpoint) => endpoint.split(' ')[1] ?? '');
    for (const flag of ['r1s1t0', 'r0s0t0', 'r0s1t1', 'r0s0t1']) {
      const count = line.event === 'DELETED' ? 0 : flags.filter((found) => found === flag).length;
      this.#set(line.t, `EndpointSlice of ${line.owner} ${flag}`, String(count));
    }
  }

  #takeEvent(line: TraceLine): void {
    const [kind = '', name = ''] = String(line.object).split('/');
    const of = this.#eventClass(line, kind, name);
    const before = this.#eventCounts.get(line.name) ?? 0;
    const count = typeof line.count === 'number' ? line.count : 1;
    this.#eventCounts.set(line.name, count);
    if (of !== undefined && line.event !== 'DELETED' && count > before) {
      this.#add(line.t, `${of} event ${line.reason}`, count - before);
    }
  }

  #eventClass(line: TraceLine, kind: string, name: string): string | undefined {
    if (kind === 'Pod') {
      const pod = this.#allPods.get(`${line.namespace}/${name}`);
      return pod && this.#podClass(pod);
    }
    if (kind === 'Node' && !this.#nodes.has(name)) {
      return undefined;
    }
    return kind === 'ReplicaSet' ? kind : `${kind}/${name}`;
  }

  /** Pods of a ReplicaSet by Deployment and image, of other owners by owner; bare pods and ordered ones by name. */
  #podClass(pod: TraceLine): string {
    const [ownerKind, owner = ''] = String(pod.owner ?? '').split('/');
    if (ownerKind === 'ReplicaSet') {
      return `Pods of ${this.#replicaSetClass(owner, undefined)}`;
    }
    return ownerKind === '' || this.#ordered.has(owner) ? `Pod/${pod.name}` : `Pods of ${ownerKind}/${owner}`;
  }

  #replicaSetClass(name: string, owner: unknown): string {
    const deployment = owner === undefined ? name.slice(0, name.lastIndexOf('-')) : String(owner).split('/')[1];
    return `${deployment} with ${this.#images.get(name) ?? 'an image not seen'}`;
  }

  #add(t: number, series: string, by: number): void {
    const total = (this.#totals.get(series) ?? 0) + by;
    this.#totals.set(series, total);
    this.#set(t, series, String(total));
  }

  #set(t: number, series: string, value: string): void {
    const changes = this.series.get(series) ?? [];
    this.series.set(series, changes);
    const last = changes.at(-1);
    if (last?.t === t) {
      changes.pop();
    }
    if (changes.at(-1)?.value !== value) {
      changes.push({ t, value });
    }
  }
}

const conditionsOf = (pod: TraceLine): Readonly<Record<string, string>> =>
  (pod.conditions as Readonly<Record<string, string>> | undefined) ?? {};

const isTrue = (pod: TraceLine, condition: string): boolean => conditionsOf(pod)[condition]?.split('/')[0] === 'True';

/** Without names of objects and times: what two recordings of one story share. */
function shown(value: unknown): string {
  if (Array.isArray(value)) {
    return value
      .map((item) => String(item).replace(/@.*$/, ''))
      .sort()
      .join(' ');
  }
  return value === undefined || value === null ? '' : String(value);
}
