import { keyOf, type Pod } from '../api/index.js';
import type { AttachableVolume } from './decisions.js';

/** A volume that pods on a node want. */
export interface WantedVolume {
  readonly volume: AttachableVolume;
  readonly node: string;
  /** In order of key. */
  readonly pods: readonly Pod[];
  readonly key: string;
}

interface Entry {
  readonly volume: AttachableVolume;
  readonly node: string;
  readonly pods: Map<string, Pod>;
  isMultiAttachTold: boolean;
}

const keyFor = (volume: string, node: string): string => `${node} ${volume}`;

const inOrder = ({ pods }: Entry): readonly Pod[] => [...pods.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** Which volumes should be attached where, and for which pods. As cache.DesiredStateOfWorld (pkg/controller/volume/attachdetach). */
export class DesiredState {
  readonly #entries = new Map<string, Entry>();
  readonly #byPod = new Map<string, Set<string>>();

  add(pod: Pod, volume: AttachableVolume): void {
    const node = pod.spec.nodeName as string;
    const key = keyFor(volume.uniqueName, node);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { volume, node, pods: new Map(), isMultiAttachTold: false };
      this.#entries.set(key, entry);
    }
    entry.pods.set(keyOf(pod), pod);
    const keys = this.#byPod.get(keyOf(pod));
    if (keys === undefined) {
      this.#byPod.set(keyOf(pod), new Set([key]));
    } else {
      keys.add(key);
    }
  }

  /** True when the pod wanted anything. */
  remove(pod: Pod): boolean {
    const keys = this.#byPod.get(keyOf(pod));
    for (const key of keys ?? []) {
      const pods = this.#entries.get(key)?.pods;
      pods?.delete(keyOf(pod));
      if (pods?.size === 0) {
        this.#entries.delete(key);
      }
    }
    return this.#byPod.delete(keyOf(pod));
  }

  wants(volume: string, node: string): boolean {
    return this.#entries.has(keyFor(volume, node));
  }

  /** In order of node and volume. */
  wanted(): readonly WantedVolume[] {
    return [...this.#entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => ({ key, volume: entry.volume, node: entry.node, pods: inOrder(entry) }));
  }

  podsOn(nodes: readonly string[], volume: string): readonly Pod[] {
    return nodes.flatMap((node) => {
      const entry = this.#entries.get(keyFor(volume, node));
      return entry === undefined ? [] : inOrder(entry);
    });
  }

  /** True the first time; as long as the volume is wanted there, its pods are told once. */
  tellMultiAttach({ key }: WantedVolume): boolean {
    const entry = this.#entries.get(key) as Entry;
    const isFirst = !entry.isMultiAttachTold;
    entry.isMultiAttachTold = true;
    return isFirst;
  }

  clear(): void {
    this.#entries.clear();
    this.#byPod.clear();
  }
}
