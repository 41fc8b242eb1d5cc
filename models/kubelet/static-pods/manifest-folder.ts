import type { Pod } from '../../api/index.js';

/** A manifest came (no `before`), changed, or went (no `after`). */
export type ManifestChange = (before: Pod | undefined, after: Pod | undefined) => void;

/**
 * The folder that staticPodPath names. It is on the machine's disk: what is written while no kubelet runs is there when one starts.
 * A running kubelet is told at once, by inotify (k8s 1.37 pkg/kubelet/config/file_linux.go); fileCheckFrequency is for other systems.
 */
export class ManifestFolder {
  /** By the names of the pods: one manifest each. */
  readonly #manifests = new Map<string, Pod>();
  readonly #onChange: ManifestChange;

  constructor(manifests: Iterable<Pod>, onChange: ManifestChange) {
    this.#onChange = onChange;
    for (const manifest of manifests) {
      this.#manifests.set(nameOf(manifest.metadata), manifest);
    }
  }

  manifests(): Iterable<Pod> {
    return this.#manifests.values();
  }

  /** Puts a manifest there, in the place of the one with the same namespace and name. */
  write(manifest: Pod): void {
    const name = nameOf(manifest.metadata);
    const before = this.#manifests.get(name);
    this.#manifests.set(name, manifest);
    this.#onChange(before, manifest);
  }

  /** Answers whether there was one. */
  remove(name: string, namespace: string): boolean {
    const key = nameOf({ name, namespace });
    const before = this.#manifests.get(key);
    this.#manifests.delete(key);
    if (before !== undefined) {
      this.#onChange(before, undefined);
    }
    return before !== undefined;
  }
}

const nameOf = ({ name, namespace = 'default' }: Pick<Pod['metadata'], 'name' | 'namespace'>): string =>
  `${namespace}/${name}`;
