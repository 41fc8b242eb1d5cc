import * as z from 'zod';
import type { DeleteOptions } from '../../models/client-go/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { type DurationText, duration, isLabelKey, isLabelValue, micros } from '../schema/values.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  changeObject,
  deletedLine,
  failedReply,
  type Target,
  targetNamed,
} from './action.js';
import { awaitAbsence, eachObject, MANIFEST_FIELDS, manifestList, manifestsOf } from './apply.js';
import { mergePatch } from './merge.js';
import { CHOICE_FIELDS, eachTarget, isChosen, needsChoice, targets } from './targets.js';

const DELETE_FIELDS = {
  gracePeriod: duration.optional().describe("Left out: the object's own. 0 becomes 1 s unless it is forced."),
  force: z.boolean().optional().describe('With gracePeriod 0 (its default then): gone at once, whatever runs on.'),
  cascade: z.enum(['background', 'foreground', 'orphan']).optional().describe('Left out: background.'),
  ignoreNotFound: z.boolean().optional(),
  wait: z.boolean().optional().describe('False: not until it is gone.'),
};
const deleteSchema = strict({
  ...ACTION_FIELDS,
  delete: targets(),
  ...DELETE_FIELDS,
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('delete'));
type DeleteSpec = z.infer<typeof deleteSchema>;

const POLICIES = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;

export const deleteObjects: ActionKind<DeleteSpec> = {
  verb: 'delete',
  help: 'kubectl delete',
  schema: deleteSchema,
  perform(context, spec) {
    // DeleteOptions.Complete: what was chosen may be gone by the time its turn comes.
    const choice = { ...spec, ignoreNotFound: spec.ignoreNotFound ?? isChosen(spec) };
    let isWarned = spec.namespace === undefined;
    eachTarget(context, spec.delete, spec, (target, done) => {
      if (!isWarned && target.namespace === undefined) {
        context.say('Warning: deleting cluster-scoped resources, not scoped to the provided namespace');
        isWarned = true;
      }
      deleteTarget(context, target, choice, done);
    });
  },
};

const deleteManifestsSchema = strict({
  ...ACTION_FIELDS,
  deleteManifests: manifestList,
  ...DELETE_FIELDS,
  ...MANIFEST_FIELDS,
});

export const deleteManifests: ActionKind<z.infer<typeof deleteManifestsSchema>> = {
  verb: 'deleteManifests',
  help: 'kubectl delete -f',
  schema: deleteManifestsSchema,
  manifests: ({ deleteManifests }) => manifestsOf(deleteManifests),
  perform(context, spec) {
    eachObject(context, spec.selector, ({ kind, metadata }, done) =>
      deleteTarget(context, targetNamed(kind, metadata.name, metadata.namespace), spec, done),
    );
  },
};

type DeleteChoice = { readonly [F in keyof typeof DELETE_FIELDS]?: DeleteSpec[F] };

/** k8s 1.37 kubectl pkg/cmd/delete: deleteResource; then it waits for each to be gone, which holds up nothing here. */
function deleteTarget(context: ActionContext, target: Target, spec: DeleteChoice, done: () => void): void {
  const { force = false, cascade = 'background', ignoreNotFound = false, wait = true } = spec;
  const gracePeriodSeconds = graceOf(spec.gracePeriod, force);
  const options: DeleteOptions = {
    propagationPolicy: POLICIES[cascade],
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  };
  const isForced = force && gracePeriodSeconds === 0;
  if (isForced) {
    context.say(
      'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. ' +
        'The resource may continue to run on the cluster indefinitely.',
    );
  }
  context.user.delete(target.kind, target.key, options, (reply) => {
    if (!(ignoreNotFound && !reply.ok && reply.error.reason === 'NotFound') && !failedReply(context, reply)) {
      context.say(deletedLine(target, isForced ? 'force deleted' : 'deleted'));
      if (wait && !isForced) {
        awaitAbsence(context, target.kind, target.key, reply.object.metadata.uid, () => {});
      }
    }
    done();
  });
}

/** The same package, DeleteOptions.Complete: force alone means no grace; no grace without force means one second. */
function graceOf(text: DurationText | undefined, force: boolean): number | undefined {
  if (text === undefined) {
    return force ? 0 : undefined;
  }
  const seconds = micros(text) / 1_000_000;
  return seconds === 0 && !force ? 1 : seconds;
}

/** A null takes the label away. */
const changes = (isValue: (value: string) => boolean) =>
  z.record(z.string(), z.string().nullable()).superRefine((map, ctx) => {
    for (const [key, value] of Object.entries(map)) {
      if (!isLabelKey(key)) {
        mistake(ctx, 'BAD_VALUE', `${JSON.stringify(key)} is no key of a label or annotation`, undefined, [key]);
      } else if (value !== null && !isValue(value)) {
        mistake(ctx, 'BAD_VALUE', `${JSON.stringify(value)} is no label value`, undefined, [key]);
      }
    }
  });

const overwrite = z.boolean().optional().describe('False: another value that is there is an error. Left out: true.');

const labelSchema = strict({
  ...ACTION_FIELDS,
  label: targets(),
  labels: changes(isLabelValue),
  overwrite,
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('label'));
const annotateSchema = strict({
  ...ACTION_FIELDS,
  annotate: targets(),
  annotations: changes(() => true),
  overwrite,
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('annotate'));

export const label: ActionKind<z.infer<typeof labelSchema>> = {
  verb: 'label',
  writer: { manager: 'kubectl-label' },
  help: 'kubectl label; null removes',
  schema: labelSchema,
  perform(context, spec) {
    const { labels } = spec;
    const isRemoval = Object.values(labels).every((value) => value === null);
    eachTarget(context, spec.label, spec, (target, done) =>
      changeObject(
        context,
        target,
        { done: isRemoval ? 'unlabeled' : 'labeled', unchanged: 'not labeled' },
        (current) => {
          const clash = spec.overwrite === false ? clashOf(current.metadata.labels, labels) : undefined;
          return clash
            ? { refusal: `'${clash[0]}' already has a value (${clash[1]}), and --overwrite is false` }
            : (mergePatch(current, { metadata: { labels } }) as typeof current);
        },
        done,
      ),
    );
  },
};

export const annotate: ActionKind<z.infer<typeof annotateSchema>> = {
  verb: 'annotate',
  writer: { manager: 'kubectl-annotate' },
  help: 'kubectl annotate; null removes',
  schema: annotateSchema,
  perform(context, spec) {
    const { annotations } = spec;
    eachTarget(context, spec.annotate, spec, (target, done) =>
      changeObject(
        context,
        target,
        { done: 'annotated', unchanged: 'annotated' },
        (current) => {
          const clash = spec.overwrite === false ? clashOf(current.metadata.annotations, annotations) : undefined;
          const found = '--overwrite is false but found the following declared annotation(s)';
          return clash
            ? { refusal: `${found}: '${clash[0]}' already has a value (${clash[1]})` }
            : (mergePatch(current, { metadata: { annotations } }) as typeof current);
        },
        done,
      ),
    );
  },
};

/** The first key whose value would be another. */
const clashOf = (
  found: Readonly<Record<string, string>> | undefined,
  given: Readonly<Record<string, string | null>>,
): readonly [key: string, value: string] | undefined =>
  Object.entries(found ?? {}).find(([key, value]) => typeof given[key] === 'string' && given[key] !== value);
