import { isBeingDeleted, keyOf, type Node, type Pod } from '../api/index.js';
import type { Informer } from '../client-go/index.js';
import { isTerminated } from './decisions.js';

/** The pods that a pass could have to do with, kept at hand so that it need not go through all of them. */
export class WatchedPods {
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #terminated = new Map<string, Pod>();
  readonly #terminating = new Map<string, Pod>();
  /** Nodes that pods are bound to and that were missing when last heard of. */
  readonly #missed = new Set<string>();

  constructor(pods: Informer<Pod>, nodes: Informer<Node>) {
    this.#pods = pods;
    this.#nodes = nodes;
    pods.onChange({
      added: (pod) => this.#put(pod),
      modified: (pod) => this.#put(pod),
      deleted: (pod) => this.#drop(keyOf(pod)),
    });
    nodes.onChange({
      added: () => {},
      modified: () => {},
      deleted: (node) => this.#missed.add(node.metadata.name),
    });
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
      if (this.#nodes.get(node) !== undefined || this.podsOn(node).length === 0) {
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

  #put(pod: Pod): void {
    const key = keyOf(pod);
    const node = pod.spec.nodeName;
    setIf(this.#terminated, key, pod, isTerminated(pod));
    setIf(this.#terminating, key, pod, isBeingDeleted(pod));
    if (node && this.#nodes.get(node) === undefined) {
      this.#missed.add(node);
    }
  }

  #drop(key: string): void {
    this.#terminated.delete(key);
    this.#terminating.delete(key);
  }
}

function setIf(pods: Map<string, Pod>, key: string, pod: Pod, isMember: boolean): void {
  if (isMember) {
    pods.set(key, pod);
  } else {
    pods.delete(key);
  }
}
