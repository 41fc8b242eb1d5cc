import { type Micros, seconds } from '../../../../engine/index.js';
import {
  isFullyBound,
  isVolumeReachable,
  type Kinds,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  VOLUME_ANNOTATIONS,
  volumeBoundTo,
} from '../../../api/index.js';
import type { Listers } from '../../framework/listers.js';
import type { AssumedVolumes } from './assumed-volumes.js';
import type { NodeVolumes } from './find-volumes.js';

/** volumebinding/binder.go BindPodVolumes: how often it looks whether the volumes are bound. */
const POLL_PERIOD = seconds(1);

/** The scheduler's writes about volumes, and its clock. */
export interface VolumeClient {
  /** PUT; answers with the error's text when the API server refuses it. */
  update<K extends 'PersistentVolume' | 'PersistentVolumeClaim'>(
    kind: K,
    object: Kinds[K],
    done: (error: string | undefined) => void,
  ): void;
  after(delay: Micros, action: () => void): void;
}

/** What is being bound for one pod. */
interface Plan {
  readonly volumes: readonly PersistentVolume[];
  readonly boundClaims: readonly PersistentVolumeClaim[];
  readonly provisionedClaims: readonly PersistentVolumeClaim[];
}

/** Reserves volumes for placed pods and has them bound. As volumeBinder of volumebinding/binder.go. */
export class VolumeBinder {
  readonly #listers: Listers;
  readonly #assumed: AssumedVolumes;
  readonly #client: VolumeClient;
  readonly #bindTimeout: Micros;
  readonly #plans = new Map<string, Plan>();

  constructor(listers: Listers, assumed: AssumedVolumes, client: VolumeClient, bindTimeout: Micros) {
    this.#listers = listers;
    this.#assumed = assumed;
    this.#client = client;
    this.#bindTimeout = bindTimeout;
  }

  /** As AssumePodVolumes: later pods see these volumes as taken. */
  reserve(uid: string, { bindings, provisions }: NodeVolumes, node: Node): void {
    if (bindings.length + provisions.length === 0) {
      return;
    }
    const plan: Plan = {
      volumes: bindings.flatMap(({ claim, volume }) => {
        const bound = volumeBoundTo(volume, claim);
        return bound === volume ? [] : [bound];
      }),
      boundClaims: bindings.map(({ claim }) => claim),
      provisionedClaims: provisions.map(({ claim }) => provisionedFor(claim, node.metadata.name)),
    };
    for (const volume of plan.volumes) {
      this.#assumed.assume('PersistentVolume', volume.metadata.name, volume);
    }
    for (const claim of plan.provisionedClaims) {
      this.#assumed.assume('PersistentVolumeClaim', keyOf(claim), claim);
    }
    this.#plans.set(uid, plan);
  }

  /** As RevertAssumedPodVolumes. */
  unreserve(uid: string): void {
    const plan = this.#plans.get(uid);
    for (const { metadata } of plan?.volumes ?? []) {
      this.#assumed.restore('PersistentVolume', metadata.name);
    }
    for (const claim of plan?.provisionedClaims ?? []) {
      this.#assumed.restore('PersistentVolumeClaim', keyOf(claim));
    }
    this.#plans.delete(uid);
  }

  hasWork(uid: string): boolean {
    return this.#plans.has(uid);
  }

  /** Writes what is reserved and waits until all claims are bound. As BindPodVolumes. */
  bind(uid: string, node: Node, done: (error: string | undefined) => void): void {
    const plan = this.#plans.get(uid);
    if (plan === undefined) {
      done(undefined);
      return;
    }
    const writes = [
      ...plan.volumes.map(
        (volume) => (then: (error: string | undefined) => void) =>
          this.#client.update('PersistentVolume', volume, then),
      ),
      ...plan.provisionedClaims.map(
        (claim) => (then: (error: string | undefined) => void) =>
          this.#client.update('PersistentVolumeClaim', claim, then),
      ),
    ];
    const writeNext = (i: number): void => {
      const write = writes[i];
      if (write === undefined) {
        this.#poll(uid, plan, node, 0, done);
        return;
      }
      write((error) => (error === undefined ? writeNext(i + 1) : done(error)));
    };
    writeNext(0);
  }

  #poll(uid: string, plan: Plan, node: Node, waited: Micros, done: (error: string | undefined) => void): void {
    this.#client.after(POLL_PERIOD, () => {
      if (this.#plans.get(uid) !== plan) {
        return;
      }
      const state = this.#check(plan, node);
      if (state === 'bound') {
        this.#plans.delete(uid);
        done(undefined);
      } else if (state !== 'waiting') {
        done(`binding volumes: ${state.error}`);
      } else if (waited + POLL_PERIOD >= this.#bindTimeout) {
        done('binding volumes: context deadline exceeded');
      } else {
        this.#poll(uid, plan, node, waited + POLL_PERIOD, done);
      }
    });
  }

  /** As checkBindings. */
  #check(plan: Plan, node: Node): 'bound' | 'waiting' | { readonly error: string } {
    for (const { metadata } of [...plan.boundClaims, ...plan.provisionedClaims]) {
      const claim = this.#listers.get('PersistentVolumeClaim', `${metadata.namespace}/${metadata.name}`);
      if (claim === undefined) {
        return { error: `persistentvolumeclaim "${metadata.name}" not found` };
      }
      const { volumeName } = claim.spec;
      const volume = volumeName ? this.#listers.get('PersistentVolume', volumeName) : undefined;
      if (volume !== undefined && !isVolumeReachable(volume, node)) {
        return { error: `pv "${volumeName}" node affinity doesn't match node "${node.metadata.name}"` };
      }
      if (!isFullyBound(claim)) {
        return 'waiting';
      }
    }
    return 'bound';
  }
}

const provisionedFor = (claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim => ({
  ...claim,
  metadata: {
    ...claim.metadata,
    annotations: { ...claim.metadata.annotations, [VOLUME_ANNOTATIONS.selectedNode]: nodeName },
  },
});
