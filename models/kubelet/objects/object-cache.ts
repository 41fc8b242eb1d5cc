import { type AnyObject, type Kind, type Kinds, keyFor, type Pod } from '../../api/index.js';
import type { InformerFactory } from '../../client-go/index.js';
import { type Reference, referencesOf } from './references.js';

/** An object of the API that the kubelet watches for its pods. */
export interface Watched {
  readonly kind: Kind;
  readonly key: string;
}

/**
 * ConfigMaps, Secrets and whatever else pods of this node name, each watched from the first pod that does. As the watching
 * managers (k8s 1.37 pkg/kubelet/util/manager/watch_based_manager.go); unlike theirs a watch stays when the last such pod is gone.
 */
export class ObjectCache {
  readonly #informers: InformerFactory;
  readonly #onChange: (changed: Watched) => void;
  readonly #watched = new Set<string>();

  constructor(informers: InformerFactory, onChange: (changed: Watched) => void) {
    this.#informers = informers;
    this.#onChange = onChange;
    informers.start();
  }

  /** Watches all that the pod names (RegisterPod). */
  register(pod: Pod): void {
    for (const { kind, name } of referencesOf(pod)) {
      this.watch(kind, name);
    }
  }

  watch(kind: Kind, name: string): void {
    const id = `${kind}/${name}`;
    if (!this.#watched.has(id)) {
      this.#watched.add(id);
      const tell = ({ metadata }: AnyObject): void =>
        this.#onChange({ kind, key: keyFor(metadata.namespace, metadata.name) });
      this.#informers.informer(kind, { name }).onChange({ added: tell, modified: tell, deleted: tell });
    }
  }

  /** Calls, at once where that is so already, when what is watched has been listed. */
  whenSynced(then: () => void): void {
    this.#informers.whenSynced(then);
  }

  /** The object as last seen; `undefined` too while it has not been listed yet. */
  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Kinds[K] | undefined {
    return this.#informers.informer(kind, { name }).get(keyFor(namespace, name));
  }

  hasSynced(kind: Kind, name: string): boolean {
    return this.#informers.informer(kind, { name }).hasSynced;
  }

  /** What the pods' manager would answer: the object, or that there is none. */
  sourceOf(pod: Pod): (reference: Reference) => AnyObject | undefined {
    return ({ kind, name }) => this.get(kind, pod.metadata.namespace, name) as AnyObject | undefined;
  }

  /** The process dies. */
  stop(): void {
    this.#informers.stop();
  }
}
