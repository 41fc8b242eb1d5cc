import {
  byRevisionNumber,
  type ControllerRevision,
  controllerOf,
  isSameTemplate,
  type Kinds,
  type ReplicaSet,
  semanticallyEqual,
} from '../../models/api/index.js';
import { type ActionContext, failedReply } from './action.js';
import { strategicMerge } from './merge.js';

type Owner = Kinds['Deployment' | 'StatefulSet' | 'DaemonSet'];

/** A template that was rolled out once, with the object that keeps it. */
export interface Revision {
  readonly number: number;
  readonly cause: string | undefined;
  readonly object: ReplicaSet | ControllerRevision;
  /** Whether its template is the one in force. */
  isInForce(owner: Owner): boolean;
}

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** The revisions of an owner, the oldest first: ReplicaSets of a Deployment, ControllerRevisions of the others. */
export function revisionsOf(
  context: ActionContext,
  owner: Owner,
  then: (revisions: readonly Revision[] | undefined) => void,
): void {
  const { namespace, uid } = owner.metadata;
  const kind = owner.kind === 'Deployment' ? 'ReplicaSet' : 'ControllerRevision';
  context.user.list(kind, namespace, (reply) => {
    if (failedReply(context, reply)) {
      then(undefined);
      return;
    }
    const owned = reply.object.filter((object) => controllerOf(object)?.uid === uid);
    then(
      kind === 'ReplicaSet'
        ? owned.flatMap((object) => ofReplicaSet(object as ReplicaSet)).sort((a, b) => a.number - b.number)
        : (owned as readonly ControllerRevision[]).toSorted(byRevisionNumber).map(ofControllerRevision),
    );
  });
}

function ofReplicaSet(object: ReplicaSet): readonly Revision[] {
  const { annotations } = object.metadata;
  const number = Number(annotations?.[REVISION] ?? 0);
  const isInForce = (owner: Owner): boolean =>
    object.spec.template !== undefined && isSameTemplate(object.spec.template, owner.spec.template);
  return number > 0 ? [{ number, cause: annotations?.[CHANGE_CAUSE], object, isInForce }] : [];
}

const ofControllerRevision = (object: ControllerRevision): Revision => ({
  number: object.revision ?? 0,
  cause: object.metadata.annotations?.[CHANGE_CAUSE],
  object,
  isInForce: (owner) => semanticallyEqual(strategicMerge(owner.kind, owner, object.data), owner),
});
