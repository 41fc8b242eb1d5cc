import {
  type CSIStorageCapacity,
  findMatchingVolume,
  isVolumeReachable,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  storageClassOf,
  VOLUME_ANNOTATIONS,
  valueOf,
} from '../../../api/index.js';
import type { Listers } from '../../framework/listers.js';
import type { AssumedVolumes } from './assumed-volumes.js';
import { allowsTopology, bySize, findCapacity } from './decisions.js';

/** The claims of a pod by what is to be done with them. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Wait for their first consumer. */
  readonly delayed: readonly PersistentVolumeClaim[];
}

export interface StaticBinding {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

export interface Provision {
  readonly claim: PersistentVolumeClaim;
  readonly capacity: CSIStorageCapacity | undefined;
}

/** What will be bound if the pod goes to this node. */
export interface NodeVolumes {
  readonly bindings: readonly StaticBinding[];
  readonly provisions: readonly Provision[];
}

const CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
const NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind";
const NOT_ENOUGH_SPACE = 'node(s) did not have enough free storage';
const VOLUME_GONE = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

interface Provisioning {
  readonly isSatisfied: boolean;
  readonly hasSpace: boolean;
  readonly provisions: readonly Provision[];
}

/** Volumes of a pod on one node. As volumeBinder of volumebinding/binder.go. */
export class VolumeFinder {
  readonly #listers: Listers;
  readonly #assumed: AssumedVolumes;

  constructor(listers: Listers, assumed: AssumedVolumes) {
    this.#listers = listers;
    this.#assumed = assumed;
  }

  /** Volumes of the classes that these claims want. */
  volumesByClass(claims: readonly PersistentVolumeClaim[]): ReadonlyMap<string, readonly PersistentVolume[]> {
    const classes = new Set(claims.map(storageClassOf));
    const found = new Map<string, PersistentVolume[]>([...classes].map((name) => [name, []]));
    if (classes.size > 0) {
      for (const volume of this.#assumed.volumes()) {
        found.get(storageClassOf(volume))?.push(volume);
      }
    }
    return found;
  }

  /** As FindPodVolumes: several reasons may hold. */
  find(
    claims: PodClaims,
    volumes: ReadonlyMap<string, readonly PersistentVolume[]>,
    node: Node,
  ): { readonly reasons: readonly string[]; readonly volumes: NodeVolumes } {
    const reasons: string[] = [];
    const bound = this.#checkBound(claims.bound, node);
    if (bound === 'conflict') {
      reasons.push(CONFLICT);
    }
    const { isSatisfied, hasSpace, bindings, provisions } = this.#checkDelayed(claims.delayed, volumes, node);
    if (!isSatisfied) {
      reasons.push(NOTHING_TO_BIND);
    }
    if (!hasSpace) {
      reasons.push(NOT_ENOUGH_SPACE);
    }
    if (bound === 'gone') {
      reasons.push(VOLUME_GONE);
    }
    return { reasons, volumes: { bindings, provisions } };
  }

  #checkBound(claims: readonly PersistentVolumeClaim[], node: Node): 'ok' | 'conflict' | 'gone' {
    for (const { spec } of claims) {
      const volume = this.#assumed.volume(spec.volumeName ?? '');
      if (volume === undefined) {
        return 'gone';
      }
      if (!isVolumeReachable(volume, node)) {
        return 'conflict';
      }
    }
    return 'ok';
  }

  #checkDelayed(
    claims: readonly PersistentVolumeClaim[],
    volumes: ReadonlyMap<string, readonly PersistentVolume[]>,
    node: Node,
  ): Provisioning & { readonly bindings: readonly StaticBinding[] } {
    const toProvision: PersistentVolumeClaim[] = [];
    const toMatch: PersistentVolumeClaim[] = [];
    for (const claim of claims) {
      const selected = claim.metadata.annotations?.[VOLUME_ANNOTATIONS.selectedNode];
      if (selected === undefined) {
        toMatch.push(claim);
      } else if (selected === node.metadata.name) {
        toProvision.push(claim);
      } else {
        return { isSatisfied: false, hasSpace: true, bindings: [], provisions: [] };
      }
    }
    const bindings: StaticBinding[] = [];
    const taken = new Set<string>();
    for (const claim of [...toMatch].sort(bySize)) {
      const volume = findMatchingVolume(claim, volumes.get(storageClassOf(claim)) ?? [], { node, taken });
      if (volume === undefined) {
        toProvision.push(claim);
      } else {
        taken.add(volume.metadata.name);
        bindings.push({ claim, volume });
      }
    }
    return { ...this.#checkProvisions(toProvision, node), bindings };
  }

  /** As checkVolumeProvisions: the first claim that cannot be provisioned here decides. */
  #checkProvisions(claims: readonly PersistentVolumeClaim[], node: Node): Provisioning {
    const provisions: Provision[] = [];
    for (const claim of claims) {
      const storageClass = this.#listers.get('StorageClass', storageClassOf(claim));
      if (
        storageClass === undefined ||
        storageClass.provisioner === '' ||
        storageClass.provisioner === NO_PROVISIONER ||
        !allowsTopology(storageClass, node.metadata.labels)
      ) {
        return { isSatisfied: false, hasSpace: true, provisions: [] };
      }
      const request = claim.spec.resources?.requests?.['storage'];
      const driver = this.#listers.get('CSIDriver', storageClass.provisioner);
      if (request === undefined || !driver?.spec.storageCapacity) {
        provisions.push({ claim, capacity: undefined });
        continue;
      }
      const capacities = this.#listers.list('CSIStorageCapacity');
      const capacity = findCapacity(capacities, keyOf(storageClass), valueOf(request), node.metadata.labels);
      if (capacity === undefined) {
        return { isSatisfied: true, hasSpace: false, provisions: [] };
      }
      provisions.push({ claim, capacity });
    }
    return { isSatisfied: true, hasSpace: true, provisions };
  }
}
