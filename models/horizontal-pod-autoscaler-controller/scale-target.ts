import type { ObjectKey } from '../../engine/index.js';
import {
  type HorizontalPodAutoscaler,
  isKind,
  type Kinds,
  keyFor,
  type LabelSelector,
  SERVED_KINDS,
} from '../api/index.js';
import type { ApiClient, ApiError } from '../client-go/index.js';

/** Kinds that have the scale subresource. */
const SCALABLE = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'] as const;
type ScalableKind = (typeof SCALABLE)[number];

/** What autoscaling/v1 Scale says of a workload. */
export interface Scale {
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** Undefined: it has none, which selects nothing. */
  readonly selector: LabelSelector | undefined;
  readonly resourceVersion: string | undefined;
}

export type ScaleReply =
  | { readonly ok: true; readonly scale: Scale }
  | { readonly ok: false; readonly error: ApiError };

/** The workload that an autoscaler points at. */
export interface ScaleTarget {
  readonly kind: ScalableKind;
  readonly key: ObjectKey;
}

/** As RESTMappings and the GET of a resource without the subresource: the target, or why there can be none. */
export function scaleTargetOf({ spec, metadata }: HorizontalPodAutoscaler): ScaleTarget | { readonly error: string } {
  const { apiVersion = '', kind, name } = spec.scaleTargetRef;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '';
  if (!isKind(kind) || groupOf(kind) !== group) {
    return { error: `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}` };
  }
  const scalable = SCALABLE.find((one) => one === kind);
  return scalable === undefined
    ? { error: 'the server could not find the requested resource' }
    : { kind: scalable, key: keyFor(metadata.namespace, name) };
}

const groupOf = (kind: keyof Kinds): string => {
  const { apiVersion } = SERVED_KINDS[kind];
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '';
};

/** GET …/scale. */
export function getScale(client: ApiClient, { kind, key }: ScaleTarget, then: (reply: ScaleReply) => void): void {
  client.get(kind, key, (reply) => {
    if (reply.ok) {
      then({ ok: true, scale: scaleOf(reply.object) });
    } else {
      then({ ok: false, error: aboutScale(reply.error, kind, key) });
    }
  });
}

/** PUT …/scale: refused with Conflict when the workload changed since its scale was read. */
export function putScale(
  client: ApiClient,
  { kind, key }: ScaleTarget,
  { resourceVersion }: Scale,
  replicas: number,
  then: (error: ApiError | undefined) => void,
): void {
  client.patch(
    kind,
    key,
    (current) =>
      ({
        ...current,
        metadata: { ...current.metadata, resourceVersion },
        spec: { ...current.spec, replicas },
      }) as typeof current,
    (reply) => then(reply.ok ? undefined : aboutScale(reply.error, kind, key)),
  );
}

type Scalable = Kinds[ScalableKind];

const scaleOf = (workload: Scalable): Scale => ({
  specReplicas: workload.spec?.replicas ?? 1,
  statusReplicas: workload.status?.replicas ?? 0,
  selector: selectorOf(workload),
  resourceVersion: workload.metadata.resourceVersion,
});

function selectorOf(workload: Scalable): LabelSelector | undefined {
  const { selector } = workload.spec ?? {};
  if (selector === undefined) {
    return undefined;
  }
  return workload.kind === 'ReplicationController'
    ? { matchLabels: selector as Readonly<Record<string, string>> }
    : (selector as LabelSelector);
}

/** The storage of the subresource speaks of itself, as ScaleREST.Get of pkg/registry/apps/deployment/storage. */
function aboutScale(error: ApiError, kind: ScalableKind, key: ObjectKey): ApiError {
  if (error.reason !== 'NotFound') {
    return error;
  }
  const { plural } = SERVED_KINDS[kind];
  const group = groupOf(kind);
  const name = JSON.stringify(key.slice(key.indexOf('/') + 1));
  return { ...error, message: `${plural}/scale${group === '' ? '' : `.${group}`} ${name} not found` };
}
