import type { ObjectKey } from '../../engine/index.js';
import { isBeingDeleted, type Node, type Pod } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import { isTerminated } from './decisions.js';

/** The pods that a pass could have to do with, kept at hand so that it need not go through all of them. */
export class WatchedPods {
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #terminated = new Map<ObjectKey, Pod>();
  readonly #terminating = new Map<ObjectKey, Pod>();
  /** Nodes that pods are bound to and that were missing when last heard of. */
  readonly #missed = new Set<string>();
  readonly #onChange: () => void;

  /** `onChange`: something came that a pass may have to do with. */
  constructor(pods: Informer<Pod>, nodes: Informer<Node>, onChange: () => void) {
    this.#pods = pods;
    this.#nodes = nodes;
    this.#onChange = onChange;
    pods.onChange({
      added: (pod, key) => this.#put(key, pod),
      modified: (pod, before, key) => this.#put(key, pod, before.spec.nodeName),
      deleted: (_, key) => this.#drop(key),
    });
    nodes.onChange({
      added: () => {},
      modified: () => {},
      deleted: (node) => {
        this.#missed.add(node.metadata.name);
        onChange();
      },
    });
  }

  /** No pass could find anything to do: no more pods have ended than may lie there, none is going, and no node is missing. */
  isQuiet(terminatedPodGCThreshold: number): boolean {
    const isBelow = terminatedPodGCThreshold <= 0 || this.#terminated.size <= terminatedPodGCThreshold;
    return isBelow && this.#terminating.size === 0 && this.#missed.size === 0;
  }

  get terminated(): readonly Pod[] {
    return [...this.#terminated.values()];
  }

  get terminating(): readonly Pod[] {
    return [...this.#terminating.values()];
  }

  podsOn(node: string): readonly Pod[] {
    return [...this.#pods.byIndex('node', node)];
  }

  /** Nodes that do not exist, as far as the cache knows, and have pods bound to them. */
  missingNodes(): readonly string[] {
    for (const node of this.#missed) {
      if (this.#nodes.has(node) || this.podsOn(node).length === 0) {
        this.#missed.delete(node);
      }
    }
    return [...this.#missed];
  }

  /** The process dies: its caches are emptied without a word. */
  clear(): void {
    this.#terminated.clear();
    this.#terminating.clear();
    this.#missed.clear();
  }

  /** `nodeBefore`: looked for when the pod came to it. */
  #put(key: ObjectKey, pod: Pod, nodeBefore?: string): void {
    const node = pod.spec.nodeName;
    setIf(this.#terminated, key, pod, isTerminated(pod));
    setIf(this.#terminating, key, pod, isBeingDeleted(pod));
    if (node && node !== nodeBefore && !this.#nodes.has(node)) {
      this.#missed.add(node);
    }
    this.#onChange();
  }

  #drop(key: ObjectKey): void {
    this.#terminated.delete(key);
    this.#terminating.delete(key);
  }
}

function setIf(pods: Map<ObjectKey, Pod>, key: ObjectKey, pod: Pod, isMember: boolean): void {
  if (isMember) {
    pods.set(key, pod);
  } else if (pods.size > 0) {
    pods.delete(key);
  }
}
