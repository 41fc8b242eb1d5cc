import type { PersistentVolumeClaim, Pod } from '../../api/index.js';
import type { PodInfo } from '../framework/pod-info.js';

/** A volume of a pod that stands for a claim. */
export interface ClaimReference {
  readonly name: string;
  /** The claim is made for the pod, and must be owned by it. */
  readonly isEphemeral: boolean;
}

/** Claims that the volumes of a pod refer to, in order. */
export const claimsOf = ({ pod }: PodInfo): readonly ClaimReference[] =>
  (pod.spec.volumes ?? []).flatMap((volume): readonly ClaimReference[] => {
    if (volume.persistentVolumeClaim !== undefined) {
      return [{ name: volume.persistentVolumeClaim.claimName, isEphemeral: false }];
    }
    return volume.ephemeral === undefined ? [] : [{ name: `${pod.metadata.name}-${volume.name}`, isEphemeral: true }];
  });

export const claimNotFound = (name: string): string => `persistentvolumeclaim "${name}" not found`;

/** As ephemeral.VolumeIsForPod (k8s.io/component-helpers storage/ephemeral); undefined when the pod owns the claim. */
export const notOwnedBy = (pod: Pod, { metadata }: PersistentVolumeClaim): string | undefined =>
  metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === pod.metadata.uid)
    ? undefined
    : `PVC ${metadata.namespace}/${metadata.name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
