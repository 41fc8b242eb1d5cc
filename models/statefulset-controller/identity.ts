import {
  controllerReference,
  type PersistentVolumeClaim,
  POD_REVISION_LABEL,
  type Pod,
  type PodDraft,
  type PodTemplateSpec,
  podFromTemplate,
  type StatefulSet,
  type Volume,
} from '../api/index.js';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** A pod that stands, or one that is about to be created. */
export type Replica = Omit<Pod, 'metadata'> & { readonly metadata: PodDraft['metadata'] & { readonly name: string } };

export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;
export const replicasOf = (set: StatefulSet): number => set.spec.replicas ?? 1;

/** The set's name and the ordinal in a pod's name, or undefined when it does not have that form. As getParentNameAndOrdinal. */
function parentAndOrdinal(name: string): { readonly parent: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-([0-9]+)$/.exec(name);
  return match ? { parent: match[1] as string, ordinal: Number(match[2]) } : undefined;
}

export const ordinalOf = (pod: { readonly metadata: { readonly name?: string } }): number =>
  parentAndOrdinal(pod.metadata.name ?? '')?.ordinal ?? -1;

/** Whether the name says that it belongs to the set. As isMemberOf. */
export const isMemberOf = (set: StatefulSet, pod: Pod): boolean =>
  parentAndOrdinal(pod.metadata.name)?.parent === set.metadata.name;

const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

export const claimName = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string =>
  `${template.metadata.name}-${podName(set, ordinal)}`;

/** The labels by which the set knows a pod again. As updateIdentity. */
export const identityLabels = (
  name: string,
  ordinal: number,
  labelsIndex: boolean,
): Readonly<Record<string, string>> => ({
  [POD_NAME_LABEL]: name,
  ...(labelsIndex && { [POD_INDEX_LABEL]: String(ordinal) }),
});

/** The volumes of the set's claims, and the template's own but for those of the same names. As updateStorage. */
export function volumesFor(set: StatefulSet, ordinal: number, own: readonly Volume[] = []): readonly Volume[] {
  const claims = set.spec.volumeClaimTemplates ?? [];
  const names = new Set(claims.map((template) => template.metadata.name));
  return [
    ...claims.map((template) => ({
      name: template.metadata.name,
      persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
    })),
    ...own.filter((volume) => !names.has(volume.name)),
  ];
}

/** The pod of this ordinal as a revision of the set has it. As newStatefulSetPod. */
export function newReplica(
  set: StatefulSet,
  template: PodTemplateSpec,
  revision: string,
  ordinal: number,
  labelsIndex: boolean,
): Replica {
  const draft = podFromTemplate(template, set, controllerReference(set));
  const name = podName(set, ordinal);
  const volumes = volumesFor(set, ordinal, draft.spec.volumes);
  return {
    ...draft,
    metadata: {
      ...draft.metadata,
      name,
      labels: {
        ...draft.metadata.labels,
        ...identityLabels(name, ordinal, labelsIndex),
        [POD_REVISION_LABEL]: revision,
      },
    },
    spec: {
      ...draft.spec,
      hostname: name,
      ...(set.spec.serviceName && { subdomain: set.spec.serviceName }),
      ...(volumes.length > 0 && { volumes }),
    },
  };
}

/** The claim that a pod of this ordinal mounts. As getPersistentVolumeClaims. */
export const newClaim = (
  set: StatefulSet,
  template: PersistentVolumeClaim,
  ordinal: number,
): PersistentVolumeClaim => ({
  ...template,
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    ...template.metadata,
    name: claimName(set, template, ordinal),
    namespace: set.metadata.namespace,
    labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
  },
});

/** Whether name and labels are those of its ordinal. As identityMatches. */
export const hasIdentity = (set: StatefulSet, pod: Replica): boolean =>
  pod.metadata.name === podName(set, ordinalOf(pod)) &&
  pod.metadata.namespace === set.metadata.namespace &&
  pod.metadata.labels?.[POD_NAME_LABEL] === pod.metadata.name;

/** Whether it mounts the claims of its ordinal. As storageMatches. */
export const hasStorage = (set: StatefulSet, pod: Replica): boolean =>
  (set.spec.volumeClaimTemplates ?? []).every((template) => {
    const volume = pod.spec.volumes?.find((one) => one.name === template.metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, template, ordinalOf(pod));
  });
