import type {
  AnyObject,
  ConfigMap,
  Container,
  KeyToPath,
  Pod,
  Secret,
  Volume,
  VolumeProjection,
} from '../../api/index.js';
import type { Reference, SourceKind } from './references.js';

/** Looks an object of the pod's namespace up. */
export type SourceOf = (reference: Reference) => AnyObject | undefined;

/**
 * Why a volume made of API objects cannot be set up; undefined when it can. As SetUp of the volume plugins (k8s 1.37
 * pkg/volume/configmap, secret, projected).
 */
export function setUpError(volume: Volume, pod: Pod, sourceOf: SourceOf): string | undefined {
  const { configMap, projected, secret } = volume;
  if (configMap?.name) {
    return sourceError('ConfigMap', { ...configMap, name: configMap.name }, sourceOf);
  }
  if (secret?.secretName) {
    return sourceError('Secret', { ...secret, name: secret.secretName }, sourceOf);
  }
  return aggregated((projected?.sources ?? []).flatMap((source) => projectionError(source, pod, sourceOf) ?? []));
}

interface Source {
  readonly name: string;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
}

function sourceError(kind: 'ConfigMap' | 'Secret', source: Source, sourceOf: SourceOf): string | undefined {
  const { items = [], name, optional = false } = source;
  if (optional) {
    return undefined;
  }
  const object = sourceOf({ kind, name });
  if (object === undefined) {
    return notFound(kind, name);
  }
  const missing = items.find(({ key }) => !keysOf(object).has(key));
  if (missing === undefined) {
    return undefined;
  }
  return kind === 'ConfigMap'
    ? `configmap references non-existent config key: ${missing.key}`
    : `references non-existent secret key: ${missing.key}`;
}

function projectionError(source: VolumeProjection, { spec }: Pod, sourceOf: SourceOf): string | undefined {
  const { configMap, secret, serviceAccountToken } = source;
  if (configMap?.name) {
    return sourceError('ConfigMap', { ...configMap, name: configMap.name }, sourceOf);
  }
  if (secret?.name) {
    return sourceError('Secret', { ...secret, name: secret.name }, sourceOf);
  }
  const account = spec.serviceAccountName ?? 'default';
  return serviceAccountToken !== undefined && sourceOf({ kind: 'ServiceAccount', name: account }) === undefined
    ? `failed to fetch token: serviceaccounts "${account}" not found`
    : undefined;
}

/**
 * Why a container's environment cannot be made; undefined when it can. As makeEnvironmentVariables (k8s 1.37
 * pkg/kubelet/kubelet_pods.go), which stops at the first mistake.
 */
export function environmentError(
  { env = [], envFrom = [] }: Container,
  pod: Pod,
  sourceOf: SourceOf,
): string | undefined {
  for (const { configMapRef, secretRef } of envFrom) {
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {};
    if (name && !optional && sourceOf({ kind, name }) === undefined) {
      return notFound(kind, name);
    }
  }
  for (const { valueFrom } of env) {
    const kind = valueFrom?.configMapKeyRef === undefined ? 'Secret' : 'ConfigMap';
    const { name = '', key = '', optional = false } = valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef ?? {};
    const object = name && !optional ? sourceOf({ kind, name }) : undefined;
    if (name && !optional && object === undefined) {
      return notFound(kind, name);
    }
    if (object !== undefined && !keysOf(object).has(key)) {
      return `couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}`;
    }
  }
  return undefined;
}

const notFound = (kind: SourceKind, name: string): string => `${kind.toLowerCase()} "${name}" not found`;

function keysOf(object: AnyObject): ReadonlySet<string> {
  const { binaryData, data, stringData } = object as Partial<ConfigMap & Pick<Secret, 'stringData'>>;
  return new Set(Object.keys({ ...binaryData, ...data, ...stringData }));
}

/** As Error of utilerrors.Aggregate. */
function aggregated(errors: readonly string[]): string | undefined {
  const distinct = [...new Set(errors)];
  return distinct.length > 1 ? `[${distinct.join(', ')}]` : distinct[0];
}
