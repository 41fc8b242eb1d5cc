import type { ControllerRevision, ObjectMeta, PodTemplateSpec, RawExtension } from './generated/types.js';
import { controllerReference } from './ownership.js';
import { computeHash } from './pod-template.js';
import { semanticallyEqual } from './semantic-equal.js';

/** On a revision: the hash of its data. */
const REVISION_HASH_LABEL = 'controller.kubernetes.io/hash';

/** On a pod: the name (StatefulSet) or the hash (DaemonSet) of the revision that it was made of. */
export const POD_REVISION_LABEL = 'controller-revision-hash';

/** A revision before it is stored. */
export type RevisionDraft = Omit<ControllerRevision, 'metadata'> & {
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
};

interface Parent {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: { readonly template: PodTemplateSpec };
}

/** What a revision keeps of its parent: how to bring the template back by a patch. As getPatch. */
const dataOf = ({ spec }: Parent): RawExtension => ({ spec: { template: { ...spec.template, $patch: 'replace' } } });

/** The pod template that a revision keeps. */
export const templateOf = (revision: Pick<ControllerRevision, 'data'>): PodTemplateSpec => {
  const { $patch: _, ...template } = (revision.data as { spec: { template: Record<string, unknown> } }).spec.template;
  return template;
};

/** The template of the parent as a revision of this number. As history.NewControllerRevision (pkg/controller/history). */
export function newControllerRevision(parent: Parent, revision: number, collisionCount: number): RevisionDraft {
  const data = dataOf(parent);
  const hash = computeHash(data, collisionCount);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${parent.metadata.name.slice(0, 223)}-${hash}`,
      namespace: parent.metadata.namespace,
      labels: { ...parent.spec.template.metadata?.labels, [REVISION_HASH_LABEL]: hash },
      annotations: parent.metadata.annotations,
      ownerReferences: [controllerReference(parent)],
    },
    data,
    revision,
  };
}

export const isSameRevisionData = (a: Pick<ControllerRevision, 'data'>, b: Pick<ControllerRevision, 'data'>): boolean =>
  semanticallyEqual(templateOf(a), templateOf(b));

/** By number, then by age, then by name. As history.SortControllerRevisions. */
export const byRevisionNumber = (a: ControllerRevision, b: ControllerRevision): number =>
  (a.revision ?? 0) - (b.revision ?? 0) ||
  (a.metadata.creationTimestamp ?? 0) - (b.metadata.creationTimestamp ?? 0) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

/** How the present template stands among the revisions, sorted: the newest itself, an older one to be renumbered, or new. */
export type UpdateRevision =
  | { readonly is: 'newest'; readonly revision: ControllerRevision }
  | { readonly is: 'older'; readonly revision: ControllerRevision; readonly number: number }
  | { readonly is: 'new'; readonly revision: RevisionDraft };

/** As the first half of getStatefulSetRevisions (pkg/controller/statefulset/stateful_set_control.go). */
export function updateRevisionOf(
  parent: Parent,
  sorted: readonly ControllerRevision[],
  collisionCount: number,
): UpdateRevision {
  const newest = sorted.at(-1);
  const number = (newest?.revision ?? 0) + 1;
  const draft = newControllerRevision(parent, number, collisionCount);
  const equal = sorted.filter((one) => isSameRevisionData(one, draft)).at(-1);
  if (equal === undefined) {
    return { is: 'new', revision: draft };
  }
  return newest && isSameRevisionData(newest, equal)
    ? { is: 'newest', revision: newest }
    : { is: 'older', revision: equal, number };
}
