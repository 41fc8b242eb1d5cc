import type { ObjectKey } from '../../../engine/store/store.js';
import type { ContainerBehaviour, ProbeKind, UsageCurve } from '../behaviour.js';

/** Chooses the behaviour of a container when it is created. */
export type BehaviourOf = (pod: {
  readonly key: ObjectKey;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  readonly container: string;
}) => ContainerBehaviour;

/** Levers on the containers that run on one machine, whether or not a kubelet watches them. Healing twice is healing once. */
export interface RuntimeLevers {
  /** Ends the running process of a container at once. False when it does not run. */
  exit(pod: ObjectKey, container: string, code: number, reason?: string): boolean;
  /** Makes a probe of a container fail until healed, over restarts. */
  failProbe(pod: ObjectKey, container: string, probe: ProbeKind): () => void;
  /** Adds this usage on top of the container's own until healed; a restart of the container begins it anew. */
  leak(pod: ObjectKey, container: string, memory: UsageCurve): () => void;
  /** Fills a disk of the machine with files of nobody's until healed. */
  fillDisk(disk: 'nodefs' | 'imagefs', bytes: UsageCurve): () => void;
  /** Makes the network plugin report that it is not ready until healed: no new sandbox gets an address. */
  breakNetworkPlugin(): () => void;
  /** Makes every call of the runtime hang until healed; containers run on. */
  hang(): () => void;
}
