import { type Deployment, POD_TEMPLATE_HASH_LABEL } from '../api/index.js';
import { fencepostsOf, replicasOf } from './fenceposts.js';
import type { AnyReplicaSet } from './replica-sets.js';

type Annotations = Readonly<Record<string, string>>;

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const ROLLBACK_TO = 'deprecated.deployment.rollback.to';

/** Annotations that a ReplicaSet does not take over from its Deployment, nor a Deployment from the one it returns to. */
const NOT_SHARED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
]);

/** pkg/controller/deployment/sync.go maxRevHistoryLengthInChars */
const MAX_HISTORY_LENGTH = 2_000;

/** The revision it is, or undefined where the annotation is no number. Without annotation 0. As deploymentutil.Revision. */
export function revisionOf(object: {
  readonly metadata: { readonly annotations?: Annotations | undefined };
}): number | undefined {
  const text = object.metadata.annotations?.[REVISION];
  return text === undefined ? 0 : integerOf(text);
}

const integerOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;

export const maxRevision = (replicaSets: readonly AnyReplicaSet[]): number =>
  replicaSets.reduce((most, replicaSet) => Math.max(most, revisionOf(replicaSet) ?? 0), 0);

/** The highest revision but one. As deploymentutil.LastRevision. */
export const lastRevision = (replicaSets: readonly AnyReplicaSet[]): number =>
  replicaSets.map((one) => revisionOf(one) ?? 0).sort((a, b) => b - a)[1] ?? 0;

export const desiredReplicas = (replicaSet: AnyReplicaSet): number | undefined =>
  integerOf(replicaSet.metadata.annotations?.[DESIRED_REPLICAS]);

export const maxReplicas = (replicaSet: AnyReplicaSet): number | undefined =>
  integerOf(replicaSet.metadata.annotations?.[MAX_REPLICAS]);

/** The size its Deployment was last scaled to, told to each ReplicaSet. As SetReplicasAnnotations. */
export const replicasAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED_REPLICAS]: String(replicasOf(deployment)),
  [MAX_REPLICAS]: String(replicasOf(deployment) + fencepostsOf(deployment).maxSurge),
});

/** The map with these entries, or the same map when it has them already. */
export function withAnnotations(annotations: Annotations | undefined, entries: Annotations): Annotations | undefined {
  const isThere = Object.entries(entries).every(([key, value]) => annotations?.[key] === value);
  return isThere ? annotations : { ...annotations, ...entries };
}

/**
 * The annotations of the new ReplicaSet at this revision: the Deployment's own, the revision, and what it was before when a
 * rollback brings it back. The same map when nothing changes. As SetNewReplicaSetAnnotations.
 */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  replicaSet: AnyReplicaSet,
  newRevision: number,
): Annotations | undefined {
  const shared = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_SHARED.has(key));
  const annotations = withAnnotations(replicaSet.metadata.annotations, Object.fromEntries(shared));
  const oldText = replicaSet.metadata.annotations?.[REVISION];
  const oldRevision = oldText ? integerOf(oldText) : 0;
  if (oldRevision === undefined || oldRevision >= newRevision) {
    return annotations;
  }
  const history = oldText === undefined ? undefined : extendedHistory(annotations?.[REVISION_HISTORY], oldText);
  return {
    ...annotations,
    [REVISION]: String(newRevision),
    ...(history !== undefined && { [REVISION_HISTORY]: history }),
  };
}

/** Earlier revisions, oldest first; the oldest are dropped where the list grows too long. */
function extendedHistory(history: string | undefined, oldRevision: string): string | undefined {
  if (!history || history.startsWith(',')) {
    return oldRevision;
  }
  const revisions = history.split(',');
  let length = history.length + oldRevision.length + 1;
  let start = 0;
  while (length > MAX_HISTORY_LENGTH && start < revisions.length) {
    length -= (revisions[start] as string).length + 1;
    start++;
  }
  return length <= MAX_HISTORY_LENGTH ? [...revisions.slice(start), oldRevision].join(',') : undefined;
}

/** The Deployment with its new ReplicaSet's revision on it; the same when it has it already. As SetDeploymentRevision. */
export function withRevision(deployment: Deployment, revision: string): Deployment {
  const annotations = withAnnotations(deployment.metadata.annotations, { [REVISION]: revision });
  return annotations === deployment.metadata.annotations
    ? deployment
    : { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

/** The annotations of a Deployment that goes back to this ReplicaSet. As SetDeploymentAnnotationsTo. */
export function annotationsOfRollback(deployment: Deployment, replicaSet: AnyReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => NOT_SHARED.has(key));
  const back = Object.entries(replicaSet.metadata.annotations ?? {}).filter(([key]) => !NOT_SHARED.has(key));
  return Object.fromEntries([...own, ...back]);
}

/** The Deployment with the template that this ReplicaSet has, without the hash. As SetFromReplicaSetTemplate. */
export function withTemplateOf(deployment: Deployment, replicaSet: AnyReplicaSet): Deployment {
  const template = replicaSet.spec.template;
  const { [POD_TEMPLATE_HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: annotationsOfRollback(deployment, replicaSet) },
    spec: {
      ...deployment.spec,
      template: {
        ...template,
        metadata: { ...template?.metadata, labels } as NonNullable<typeof template>['metadata'],
      },
    },
  };
}

/** The revision that the legacy annotation asks to return to; 0 for the last one. As getRollbackTo. */
export const rollbackRevision = ({ metadata }: Deployment): number | undefined =>
  integerOf(metadata.annotations?.[ROLLBACK_TO]);

export function withoutRollback(deployment: Deployment): Deployment {
  const { [ROLLBACK_TO]: _, ...annotations } = deployment.metadata.annotations ?? {};
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}
