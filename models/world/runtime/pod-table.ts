import type { ObjectKey } from '../../../engine/index.js';
import { findById, type RuntimeContainer, type RuntimePod, type SandboxConfig, withContainer } from './status.js';

/** What a container runtime knows of pods: it is on disk, and outlives runtime and power. */
export class PodTable {
  readonly #pods = new Map<string, RuntimePod>();
  /** Labels and annotations choose behaviours; kept from sandbox to container. */
  readonly #configs = new Map<string, SandboxConfig>();
  /** By pod and container: how many runs left a log. Kept while the pod has a sandbox or container. */
  readonly #logs = new Map<string, Map<string, number>>();
  readonly #onGone: (uid: string) => void;
  readonly #onChange: (uid: string) => void;

  constructor(onGone: (uid: string) => void, onChange: (uid: string) => void) {
    this.#onGone = onGone;
    this.#onChange = onChange;
  }

  /** In order of their first sandbox. */
  all(): Iterable<RuntimePod> {
    return this.#pods.values();
  }

  get(uid: string): RuntimePod | undefined {
    return this.#pods.get(uid);
  }

  configOf(uid: string): SandboxConfig | undefined {
    return this.#configs.get(uid);
  }

  keepConfig(config: SandboxConfig): void {
    this.#configs.set(config.podUid, config);
  }

  /** A pod of which nothing is left is forgotten. */
  replace(pod: RuntimePod): void {
    if (pod.sandboxes.length === 0 && pod.containers.length === 0) {
      this.#pods.delete(pod.uid);
      this.#configs.delete(pod.uid);
      this.#logs.delete(pod.uid);
      this.#onGone(pod.uid);
    } else {
      this.#pods.set(pod.uid, pod);
    }
    this.#onChange(pod.uid);
  }

  /** Changes a container that is there. */
  changeContainer(uid: string, containerId: string, change: Partial<RuntimeContainer>): void {
    const pod = this.#pods.get(uid);
    const container = findById(pod, containerId);
    if (pod !== undefined && container !== undefined) {
      this.replace(withContainer(pod, { ...container, ...change }));
    }
  }

  removeContainer(pod: RuntimePod, removed: RuntimeContainer): void {
    const logs = this.#logs.get(pod.uid) ?? new Map<string, number>();
    this.#logs.set(pod.uid, logs.set(removed.name, Math.max(removed.restartCount + 1, logs.get(removed.name) ?? 0)));
    this.replace({ ...pod, containers: pod.containers.filter(({ id }) => id !== removed.id) });
  }

  /** How often a container of the pod was started, by the logs it left: they outlive removed containers. */
  startsOf(uid: string, name: string): number {
    return this.#logs.get(uid)?.get(name) ?? 0;
  }

  running(podKey: ObjectKey, name: string): RuntimeContainer | undefined {
    for (const { containers, key } of this.#pods.values()) {
      const running = key === podKey && containers.find((one) => one.name === name && one.state === 'running');
      if (running) {
        return running;
      }
    }
    return undefined;
  }
}
