import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/index.js';
import type { Listers } from '../../framework/listers.js';

type VolumeKind = 'PersistentVolume' | 'PersistentVolumeClaim';

interface Assumed {
  readonly object: PersistentVolume | PersistentVolumeClaim;
  /** The version that the assumption was made on. */
  readonly base: string | undefined;
}

/**
 * Volumes and claims as the informers have them, or as bindings under way will leave them. An assumption ends when the informer
 * tells anything newer. As AssumeCache (pkg/scheduler/util/assumecache).
 */
export class AssumedVolumes {
  readonly #listers: Listers;
  readonly #assumed = new Map<string, Assumed>();

  constructor(listers: Listers) {
    this.#listers = listers;
  }

  volume(name: string): PersistentVolume | undefined {
    return this.#latest('PersistentVolume', name) as PersistentVolume | undefined;
  }

  claim(key: string): PersistentVolumeClaim | undefined {
    return this.#latest('PersistentVolumeClaim', key) as PersistentVolumeClaim | undefined;
  }

  /** Volumes in order of name. */
  volumes(): readonly PersistentVolume[] {
    return [...this.#listers.list('PersistentVolume')]
      .map(({ metadata }) => this.volume(metadata.name) as PersistentVolume)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  assume(kind: VolumeKind, key: string, object: PersistentVolume | PersistentVolumeClaim): void {
    this.#assumed.set(`${kind}/${key}`, { object, base: this.#told(kind, key)?.metadata.resourceVersion });
  }

  restore(kind: VolumeKind, key: string): void {
    this.#assumed.delete(`${kind}/${key}`);
  }

  #told(kind: VolumeKind, key: string): PersistentVolume | PersistentVolumeClaim | undefined {
    return kind === 'PersistentVolume' ? this.#listers.get(kind, key) : this.#listers.get(kind, key);
  }

  #latest(kind: VolumeKind, key: string): PersistentVolume | PersistentVolumeClaim | undefined {
    const told = this.#told(kind, key);
    const assumed = this.#assumed.get(`${kind}/${key}`);
    if (assumed === undefined) {
      return told;
    }
    if (told !== undefined && told.metadata.resourceVersion === assumed.base) {
      return assumed.object;
    }
    this.#assumed.delete(`${kind}/${key}`);
    return told;
  }
}
