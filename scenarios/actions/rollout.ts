import * as z from 'zod';
import { type Deployment, type Kinds, LAST_APPLIED, type ReplicaSet, SERVED_KINDS } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  changeObject,
  failedReply,
  patchObject,
  type Target,
} from './action.js';
import { strategicMerge } from './merge.js';
import { type Revision, revisionsOf } from './revisions.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

const ROLLED_OUT = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
type RolledOut = Target & { readonly kind: (typeof ROLLED_OUT)[number] };

const undoSchema = strict({
  ...ACTION_FIELDS,
  rolloutUndo: targets(...ROLLED_OUT),
  toRevision: z.int().min(0).optional().describe('Left out, or 0: the revision before.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutUndo'));

export const rolloutUndo: ActionKind<z.infer<typeof undoSchema>> = {
  verb: 'rolloutUndo',
  help: 'kubectl rollout undo [--to-revision]',
  schema: undoSchema,
  perform(context, spec) {
    eachTarget(context, spec.rolloutUndo, spec, (target, done) =>
      undo(context, target as RolledOut, spec.toRevision ?? 0, done),
    );
  },
};

/** k8s 1.37 kubectl pkg/polymorphichelpers/rollback.go, done by the client: it puts the template of a revision back. */
function undo(context: ActionContext, target: RolledOut, toRevision: number, done: () => void): void {
  context.user.get(target.kind, target.key, (reply) => {
    if (failedReply(context, reply)) {
      done();
      return;
    }
    const owner = reply.object;
    if (owner.kind === 'Deployment' && owner.spec.paused) {
      const hint = `resume it first with 'kubectl rollout resume' and try again`;
      context.say(`error: you cannot rollback a paused deployment; ${hint}`, 'failed');
      done();
      return;
    }
    revisionsOf(context, owner, (revisions) => {
      if (revisions !== undefined) {
        rollBack(context, target, owner, revisions, toRevision, done);
      } else {
        done();
      }
    });
  });
}

function rollBack(
  context: ActionContext,
  target: RolledOut,
  owner: Kinds[RolledOut['kind']],
  revisions: readonly Revision[],
  toRevision: number,
  done: () => void,
): void {
  const wanted = toRevision > 0 ? revisions.find(({ number }) => number === toRevision) : revisions.at(-2);
  if (wanted === undefined) {
    const none =
      owner.kind === 'Deployment'
        ? `no rollout history found for deployment "${target.name}"`
        : 'no last revision to roll back to';
    context.say(
      `error: ${toRevision > 0 ? `unable to find specified revision ${toRevision} in history` : none}`,
      'failed',
    );
    done();
    return;
  }
  if (wanted.isInForce(owner)) {
    context.say(`${target.shown} skipped rollback (current template already matches revision ${toRevision})`);
    done();
    return;
  }
  if (wanted.object.kind === 'ReplicaSet') {
    const replicaSet = wanted.object;
    patchObject(
      context,
      target as Target & { readonly kind: 'Deployment' },
      'rolled back',
      (current) => rolledBack(current, replicaSet),
      done,
    );
  } else {
    const { data } = wanted.object;
    const change = (current: typeof owner): typeof owner => strategicMerge(owner.kind, current, data) as typeof owner;
    patchObject(context, target, 'rolled back', change as never, done);
  }
}

const REVISION = 'deployment.kubernetes.io/revision';

/** The same file, annotationsToSkip: these stay with the Deployment. */
const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]);

function rolledBack(current: Deployment, replicaSet: ReplicaSet): Deployment {
  const { 'pod-template-hash': _, ...labels } = replicaSet.spec.template?.metadata?.labels ?? {};
  const template = {
    ...replicaSet.spec.template,
    metadata: { ...replicaSet.spec.template?.metadata, labels },
  } as Deployment['spec']['template'];
  const kept = Object.entries(current.metadata.annotations ?? {}).filter(([key]) => KEPT_ANNOTATIONS.has(key));
  const taken = Object.entries(replicaSet.metadata.annotations ?? {}).filter(([key]) => !KEPT_ANNOTATIONS.has(key));
  const annotations = Object.fromEntries([...kept, ...taken]);
  return { ...current, metadata: { ...current.metadata, annotations }, spec: { ...current.spec, template } };
}

/** 'deployments.apps "cart"': how these commands name what they refuse. */
const resourceOf = ({ kind, name }: Target): string => `${SERVED_KINDS[kind].plural}.apps "${name}"`;

const restartSchema = strict({
  ...ACTION_FIELDS,
  rolloutRestart: targets(...ROLLED_OUT),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutRestart'));

export const rolloutRestart: ActionKind<z.infer<typeof restartSchema>> = {
  verb: 'rolloutRestart',
  writer: { manager: 'kubectl-rollout' },
  help: 'kubectl rollout restart',
  schema: restartSchema,
  perform(context, spec) {
    const restartedAt = context.wallClock();
    eachTarget(context, spec.rolloutRestart, spec, (target, done) =>
      changeObject(
        context,
        target as Target & { kind: 'Deployment' },
        { done: 'restarted' },
        (current) => {
          if (current.spec.paused) {
            return { refusal: `${resourceOf(target)} can't restart paused deployment (run rollout resume first)` };
          }
          const { template } = current.spec;
          const annotations = { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': restartedAt };
          const metadata = { ...template.metadata, annotations } as NonNullable<typeof template.metadata>;
          return { ...current, spec: { ...current.spec, template: { ...template, metadata } } };
        },
        done,
      ),
    );
  },
};

const pauseSchema = strict({
  ...ACTION_FIELDS,
  rolloutPause: targets('Deployment'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutPause'));

export const rolloutPause: ActionKind<z.infer<typeof pauseSchema>> = {
  verb: 'rolloutPause',
  writer: { manager: 'kubectl-rollout' },
  help: 'kubectl rollout pause',
  schema: pauseSchema,
  perform(context, spec) {
    eachTarget(context, spec.rolloutPause, spec, (target, done) =>
      changeObject(
        context,
        target as Target & { kind: 'Deployment' },
        { done: 'paused' },
        (current) =>
          current.spec.paused
            ? { refusal: `${resourceOf(target)} is already paused` }
            : { ...current, spec: { ...current.spec, paused: true } },
        done,
      ),
    );
  },
};

const resumeSchema = strict({
  ...ACTION_FIELDS,
  rolloutResume: targets('Deployment'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('rolloutResume'));

export const rolloutResume: ActionKind<z.infer<typeof resumeSchema>> = {
  verb: 'rolloutResume',
  writer: { manager: 'kubectl-rollout' },
  help: 'kubectl rollout resume',
  schema: resumeSchema,
  perform(context, spec) {
    eachTarget(context, spec.rolloutResume, spec, (target, done) =>
      changeObject(
        context,
        target as Target & { kind: 'Deployment' },
        { done: 'resumed' },
        (current) => {
          const { paused, ...rest } = current.spec;
          return paused ? { ...current, spec: rest } : { refusal: `${resourceOf(target)} is not paused` };
        },
        done,
      ),
    );
  },
};
