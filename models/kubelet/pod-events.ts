import type { ObjectReference, Pod } from '../api/index.js';
import { type EventRecorder, SILENT_EVENT_RECORDER } from '../client-go/index.js';
import { type EventType, type NodeEvents, nodeReference, type PodEvents } from './events.js';

/** Tells events as the kubelet of one node. An event about a container names it in the pod's spec (GenerateContainerRef). */
export class KubeletEvents implements PodEvents, NodeEvents {
  readonly #recorder: EventRecorder;
  readonly #node: ObjectReference;

  constructor(recorder: EventRecorder, nodeName: string) {
    this.#recorder = recorder;
    this.#node = nodeReference(nodeName);
  }

  get areRead(): boolean {
    return this.#recorder !== SILENT_EVENT_RECORDER;
  }

  record(pod: Pod, container: string | undefined, type: EventType, reason: string, message: string): void {
    if (container === undefined) {
      this.#recorder.event(pod, type, reason, message);
      return;
    }
    if (!this.areRead) {
      return;
    }
    const { namespace, name, uid, resourceVersion } = pod.metadata;
    const list = pod.spec.initContainers?.some((init) => init.name === container) ? 'initContainers' : 'containers';
    const fieldPath = `spec.${list}{${container}}`;
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, resourceVersion, fieldPath };
    this.#recorder.event(regarding, type, reason, message);
  }

  recordNode(type: EventType, reason: string, message: string): void {
    this.#recorder.event(this.#node, type, reason, message);
  }
}
