import type { Micros } from '../../engine/index.js';
import type { AttachableVolume } from './decisions.js';

export type Operation = 'attach' | 'detach';

interface Failure {
  readonly operation: Operation;
  readonly delay: Micros;
  readonly at: Micros;
}

/**
 * What is being done to volumes: one operation at a time to a volume, or to a volume at a node if several nodes may have it;
 * after a failure the same operation waits. As nestedpendingoperations (pkg/volume/util).
 */
export class Operations {
  readonly #backOff: Micros;
  readonly #maxBackOff: Micros;
  readonly #pending = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  constructor(backOff: Micros, maxBackOff: Micros) {
    this.#backOff = backOff;
    this.#maxBackOff = maxBackOff;
  }

  isPending(volume: AttachableVolume, node: string): boolean {
    return this.#pending.has(subjectOf(volume, node));
  }

  /** When the operation may be tried again; 0 if now. */
  mayBeginAt(operation: Operation, volume: AttachableVolume, node: string): Micros {
    const failure = this.#failures.get(subjectOf(volume, node));
    return failure?.operation === operation ? failure.at + failure.delay : 0;
  }

  begin(volume: AttachableVolume, node: string): void {
    this.#pending.add(subjectOf(volume, node));
  }

  succeeded(volume: AttachableVolume, node: string): void {
    const subject = subjectOf(volume, node);
    this.#pending.delete(subject);
    this.#failures.delete(subject);
  }

  failed(operation: Operation, volume: AttachableVolume, node: string, at: Micros): void {
    const subject = subjectOf(volume, node);
    const before = this.#failures.get(subject);
    const isRepeated = before?.operation === operation;
    const delay = isRepeated ? Math.min(before.delay * 2, this.#maxBackOff) : this.#backOff;
    this.#pending.delete(subject);
    this.#failures.set(subject, { operation, delay, at });
  }

  clear(): void {
    this.#pending.clear();
    this.#failures.clear();
  }
}

const subjectOf = ({ uniqueName, allowsMultiAttach }: AttachableVolume, node: string): string =>
  allowsMultiAttach ? `${uniqueName} ${node}` : uniqueName;
