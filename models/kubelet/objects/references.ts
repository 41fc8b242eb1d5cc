import { allContainers, type Pod, type Volume, type VolumeProjection } from '../../api/index.js';

/** Kinds that pods take their settings from. */
export type SourceKind = 'ConfigMap' | 'Secret' | 'ServiceAccount';

/** An object of the pod's namespace that a pod names. */
export interface Reference {
  readonly kind: SourceKind;
  readonly name: string;
}

const known = new WeakMap<Pod['spec'], readonly Reference[]>();
const NONE: readonly Reference[] = [];

/** What a pod's volumes and environments are made of, each once (k8s 1.37 pkg/api/v1/pod VisitPodConfigmapNames, -SecretNames). */
export function referencesOf({ spec }: Pick<Pod, 'spec'>): readonly Reference[] {
  let references = known.get(spec);
  if (references === undefined) {
    const all = [...(spec.volumes ?? []).flatMap((volume) => referencesOfVolume(volume, spec)), ...environmentOf(spec)];
    const distinct = new Map(all.map((reference) => [`${reference.kind}/${reference.name}`, reference]));
    references = distinct.size === 0 ? NONE : [...distinct.values()];
    known.set(spec, references);
  }
  return references;
}

/** What the files of one volume are made of. */
export function referencesOfVolume(volume: Volume, spec: Pod['spec']): readonly Reference[] {
  const { configMap, projected, secret } = volume;
  return [
    ...named('ConfigMap', configMap?.name),
    ...named('Secret', secret?.secretName),
    ...(projected?.sources ?? []).flatMap((source) => referencesOfProjection(source, spec)),
  ];
}

function referencesOfProjection(source: VolumeProjection, spec: Pod['spec']): readonly Reference[] {
  return [
    ...named('ConfigMap', source.configMap?.name),
    ...named('Secret', source.secret?.name),
    ...(source.serviceAccountToken === undefined ? [] : named('ServiceAccount', spec.serviceAccountName ?? 'default')),
  ];
}

function environmentOf(spec: Pod['spec']): readonly Reference[] {
  return allContainers({ spec }).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ configMapRef, secretRef }) => [
      ...named('ConfigMap', configMapRef?.name),
      ...named('Secret', secretRef?.name),
    ]),
    ...env.flatMap(({ valueFrom }) => [
      ...named('ConfigMap', valueFrom?.configMapKeyRef?.name),
      ...named('Secret', valueFrom?.secretKeyRef?.name),
    ]),
  ]);
}

const named = (kind: SourceKind, name: string | undefined): readonly Reference[] => (name ? [{ kind, name }] : NONE);
