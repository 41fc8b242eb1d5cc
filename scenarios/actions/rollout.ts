import * as z from 'zod';
import { controllerOf, type Deployment, type ReplicaSet } from '../../models/api/index.js';
import { reference } from '../schema/reference.js';
import { strict } from '../schema/shapes.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  errorLine,
  NAMESPACE_FIELD,
  patchObject,
  type Target,
  targetOf,
} from './action.js';

const REVISION = 'deployment.kubernetes.io/revision';

/** k8s 1.37 kubectl pkg/polymorphichelpers/rollback.go, annotationsToSkip: these stay with the Deployment. */
const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);

type DeploymentTarget = Target & { readonly kind: 'Deployment' };
const deploymentOf = (text: string, namespace: string | undefined): DeploymentTarget =>
  targetOf(text, namespace) as DeploymentTarget;

const undoSchema = strict({
  ...ACTION_FIELDS,
  rolloutUndo: reference('Deployment'),
  toRevision: z.int().min(0).optional().describe('Left out, or 0: the revision before.'),
  ...NAMESPACE_FIELD,
});

export const rolloutUndo: ActionKind<z.infer<typeof undoSchema>> = {
  verb: 'rolloutUndo',
  help: 'kubectl rollout undo [--to-revision]',
  schema: undoSchema,
  perform(context, { rolloutUndo, toRevision = 0, namespace }) {
    const target = deploymentOf(rolloutUndo, namespace);
    context.user.get('Deployment', target.key, (reply) => {
      if (!reply.ok) {
        context.say(errorLine(reply.error), 'failed');
        return;
      }
      const deployment = reply.object;
      context.user.list('ReplicaSet', deployment.metadata.namespace, (listed) => {
        if (listed.ok) {
          undo(context, target, deployment, listed.object, toRevision);
        } else {
          context.say(errorLine(listed.error), 'failed');
        }
      });
    });
  },
};

function undo(
  context: ActionContext,
  target: DeploymentTarget,
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  toRevision: number,
): void {
  if (deployment.spec.paused) {
    context.say(
      "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
      'failed',
    );
    return;
  }
  const owned = replicaSets
    .filter((replicaSet) => controllerOf(replicaSet)?.uid === deployment.metadata.uid)
    .map((replicaSet) => ({ replicaSet, revision: Number(replicaSet.metadata.annotations?.[REVISION] ?? 0) }))
    .filter(({ revision }) => revision > 0)
    .sort((a, b) => b.revision - a.revision);
  const wanted = toRevision > 0 ? owned.find(({ revision }) => revision === toRevision) : owned[1];
  if (wanted === undefined) {
    const which = toRevision > 0 ? `revision ${toRevision}` : 'the last revision';
    context.say(`error: unable to find ${which} in history`, 'failed');
    return;
  }
  if (wanted === owned[0]) {
    context.say(`${target.shown} skipped rollback (current template already matches revision ${wanted.revision})`);
    return;
  }
  const template = withoutHash(wanted.replicaSet.spec?.template ?? {});
  patchObject(context, target, 'rolled back', (current) => ({
    ...current,
    metadata: { ...current.metadata, annotations: annotationsAfter(current, wanted.replicaSet) },
    spec: { ...current.spec, template },
  }));
}

function withoutHash(template: NonNullable<ReplicaSet['spec']['template']>): Deployment['spec']['template'] {
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } as NonNullable<typeof template.metadata> };
}

function annotationsAfter(deployment: Deployment, replicaSet: ReplicaSet): Record<string, string> {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => KEPT_ANNOTATIONS.has(key));
  const taken = Object.entries(replicaSet.metadata.annotations ?? {}).filter(([key]) => !KEPT_ANNOTATIONS.has(key));
  return Object.fromEntries([...kept, ...taken]);
}

const restartSchema = strict({
  ...ACTION_FIELDS,
  rolloutRestart: reference('Deployment', 'StatefulSet', 'DaemonSet'),
  ...NAMESPACE_FIELD,
});

export const rolloutRestart: ActionKind<z.infer<typeof restartSchema>> = {
  verb: 'rolloutRestart',
  help: 'kubectl rollout restart',
  schema: restartSchema,
  perform(context, { rolloutRestart, namespace }) {
    const target = deploymentOf(rolloutRestart, namespace);
    if (context.cluster.get(target.kind, target.key)?.spec.paused) {
      context.say(`error: ${target.shown} can't restart paused deployment (run rollout resume first)`, 'failed');
      return;
    }
    const restartedAt = context.wallClock();
    patchObject(context, target, 'restarted', (current) => {
      const { template } = current.spec;
      const annotations = { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': restartedAt };
      const metadata = { ...template.metadata, annotations } as NonNullable<typeof template.metadata>;
      return { ...current, spec: { ...current.spec, template: { ...template, metadata } } };
    });
  },
};

const pauseSchema = strict({ ...ACTION_FIELDS, rolloutPause: reference('Deployment'), ...NAMESPACE_FIELD });

export const rolloutPause: ActionKind<z.infer<typeof pauseSchema>> = {
  verb: 'rolloutPause',
  help: 'kubectl rollout pause',
  schema: pauseSchema,
  perform(context, { rolloutPause, namespace }) {
    patchObject(context, deploymentOf(rolloutPause, namespace), 'paused', (current) => ({
      ...current,
      spec: { ...current.spec, paused: true },
    }));
  },
};

const resumeSchema = strict({ ...ACTION_FIELDS, rolloutResume: reference('Deployment'), ...NAMESPACE_FIELD });

export const rolloutResume: ActionKind<z.infer<typeof resumeSchema>> = {
  verb: 'rolloutResume',
  help: 'kubectl rollout resume',
  schema: resumeSchema,
  perform(context, { rolloutResume, namespace }) {
    patchObject(context, deploymentOf(rolloutResume, namespace), 'resumed', (current) => {
      const { paused: _, ...spec } = current.spec;
      return { ...current, spec };
    });
  },
};
