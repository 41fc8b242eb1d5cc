import { controllerOf, type Deployment, isSameTemplate, matchesLabelSelector, type ReplicaSet } from '../api/index.js';
import { revisionOf, withTemplateOf } from './revisions.js';

/** What `kubectl rollout undo` comes to: the Deployment to send, that there is nothing to do, or why it cannot be done. */
export type Rollback =
  | { readonly outcome: 'patch'; readonly deployment: Deployment }
  | { readonly outcome: 'skipped'; readonly message: string }
  | { readonly outcome: 'error'; readonly message: string };

/**
 * The change that brings a Deployment back to a revision, 0 for the one before: kubectl takes template and annotations from that
 * revision's ReplicaSet; the controller does the rest. As DeploymentRollbacker.Rollback (k8s.io/kubectl pkg/polymorphichelpers).
 */
export function rollbackPatch(deployment: Deployment, replicaSets: Iterable<ReplicaSet>, toRevision: number): Rollback {
  const { name } = deployment.metadata;
  const error = (message: string): Rollback => ({ outcome: 'error', message });
  if (toRevision < 0) {
    return error(revisionNotFound(toRevision));
  }
  const own = [...replicaSets].filter(
    (one) =>
      controllerOf(one)?.uid === deployment.metadata.uid &&
      matchesLabelSelector(deployment.spec.selector, one.metadata.labels),
  );
  const target = toRevision === 0 ? previousRevision(own) : own.find((one) => revisionOf(one) === toRevision);
  if (target === undefined) {
    return error(toRevision === 0 ? `no rollout history found for deployment "${name}"` : revisionNotFound(toRevision));
  }
  if (deployment.spec.paused) {
    return error(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/${name}' and try again`,
    );
  }
  if (isSameTemplate(target.spec.template, deployment.spec.template)) {
    return {
      outcome: 'skipped',
      message: `skipped rollback (current template already matches revision ${toRevision})`,
    };
  }
  return { outcome: 'patch', deployment: withTemplateOf(deployment, target) };
}

const revisionNotFound = (revision: number): string => `unable to find specified revision ${revision} in history`;

/** The highest revision but one. */
function previousRevision(replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const known = replicaSets.filter((one) => revisionOf(one) !== undefined);
  return known.sort((a, b) => (revisionOf(b) ?? 0) - (revisionOf(a) ?? 0))[1];
}
