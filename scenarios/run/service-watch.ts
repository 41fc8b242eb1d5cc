import { type EndpointSlice, keyOf } from '../../models/api/index.js';
import type { Cluster } from '../../models/cluster.js';
import type { ServiceStory } from './story.js';

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** Follows the Services that have struck pods behind them, until each is whole again. */
export class ServiceWatch {
  readonly #cluster: Cluster;
  readonly #dead: ReadonlySet<string>;
  readonly #onWhole: () => void;
  readonly #stories = new Map<string, Changing<ServiceStory>>();
  /** By Service and key. */
  readonly #slices = new Map<string, Map<string, EndpointSlice>>();
  readonly #stop: () => void;

  /** `struck`, `dead`: uids of pods; the dead ones do not serve although the API says so. `onWhole`: after each judgement. */
  constructor(cluster: Cluster, struck: ReadonlySet<string>, dead: ReadonlySet<string>, onWhole: () => void) {
    this.#cluster = cluster;
    this.#dead = dead;
    this.#onWhole = onWhole;
    const all = new Map<string, Map<string, EndpointSlice>>();
    for (const slice of cluster.list('EndpointSlice')) {
      const service = serviceOf(slice);
      const slices = all.get(service) ?? new Map<string, EndpointSlice>();
      all.set(service, slices.set(keyOf(slice), slice));
    }
    for (const [service, slices] of all) {
      const ready = readyPods(slices.values());
      if ([...ready].some((uid) => struck.has(uid))) {
        this.#stories.set(service, { service, before: ready.size, lowest: ready.size });
        this.#slices.set(service, slices);
        this.#judge(service);
      }
    }
    const onSlice = (slice: EndpointSlice): void => this.#onSlice(slice, (slices) => slices.set(keyOf(slice), slice));
    this.#stop = cluster.watch('EndpointSlice', {
      added: onSlice,
      modified: onSlice,
      deleted: (slice) => this.#onSlice(slice, (slices) => slices.delete(keyOf(slice))),
    });
  }

  get stories(): readonly ServiceStory[] {
    return [...this.#stories.values()];
  }

  get areWhole(): boolean {
    return this.stories.every(({ brokenAt, wholeAt }) => brokenAt === undefined || wholeAt !== undefined);
  }

  /** Looks again at all of them: somebody of the dead lives. */
  judge(): void {
    for (const service of this.#stories.keys()) {
      this.#judge(service);
    }
  }

  stop(): void {
    this.#stop();
  }

  #onSlice(slice: EndpointSlice, change: (slices: Map<string, EndpointSlice>) => void): void {
    const service = serviceOf(slice);
    const slices = this.#slices.get(service);
    if (slices !== undefined) {
      change(slices);
      this.#judge(service);
      this.#onWhole();
    }
  }

  #judge(service: string): void {
    const story = this.#stories.get(service) as Changing<ServiceStory>;
    const slices = this.#slices.get(service) as ReadonlyMap<string, EndpointSlice>;
    const count = [...readyPods(slices.values())].filter((uid) => !this.#dead.has(uid)).length;
    story.lowest = Math.min(story.lowest, count);
    if (count < story.before) {
      story.brokenAt ??= this.#cluster.simulation.now;
      delete story.wholeAt;
    } else if (story.brokenAt !== undefined) {
      story.wholeAt ??= this.#cluster.simulation.now;
    }
  }
}

/** "namespace/name" of the Service that a slice belongs to. */
const serviceOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;

/** Uids of the pods behind the ready endpoints. */
function readyPods(slices: Iterable<EndpointSlice>): ReadonlySet<string> {
  const ready = new Set<string>();
  for (const { endpoints } of slices) {
    for (const { conditions, targetRef } of endpoints ?? []) {
      if (targetRef?.uid !== undefined && conditions?.ready !== false) {
        ready.add(targetRef.uid);
      }
    }
  }
  return ready;
}
