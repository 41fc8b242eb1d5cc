import * as z from 'zod';
import { type Kinds, keyOf, SERVED_KINDS } from '../../models/api/index.js';
import type { DeleteOptions } from '../../models/client-go/index.js';
import { kindOfWord, parseReference, reference, suggestKind } from '../schema/reference.js';
import { mistake, strict } from '../schema/shapes.js';
import { duration, isLabelKey, isLabelValue, matches, micros, selector } from '../schema/values.js';
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
import { type JsonPatchOperation, jsonPatch, mergePatch, strategicMerge } from './merge.js';

const objectOrKind = z.string().superRefine((text, ctx) => {
  if (!text.includes('/')) {
    if (kindOfWord(text) === undefined) {
      mistake(ctx, 'UNKNOWN_KIND', `no kind is called ${JSON.stringify(text)}`, suggestKind(text));
    }
  } else if (parseReference(text) === undefined) {
    mistake(ctx, 'BAD_VALUE', `${JSON.stringify(text)} names no object`, 'Objects are written like deployment/cart');
  }
});

const deleteSchema = strict({
  ...ACTION_FIELDS,
  delete: objectOrKind.describe('An object, pod/web-0; or a kind with a selector or all.'),
  selector: selector.optional(),
  all: z.boolean().optional(),
  gracePeriod: duration.optional(),
  cascade: z.enum(['background', 'foreground', 'orphan']).optional(),
  ...NAMESPACE_FIELD,
}).superRefine((spec, ctx) => {
  const isKind = !spec.delete.includes('/');
  if (isKind && spec.selector === undefined && spec.all !== true) {
    mistake(
      ctx,
      'MISSING_FIELD',
      `which ${spec.delete}? Name one (${spec.delete}/NAME), or give a selector or all: true`,
    );
  }
});

const POLICIES = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const;

export const deleteObjects: ActionKind<z.infer<typeof deleteSchema>> = {
  verb: 'delete',
  help: 'kubectl delete',
  schema: deleteSchema,
  perform(context, spec) {
    const options: DeleteOptions = {
      propagationPolicy: POLICIES[spec.cascade ?? 'background'],
      ...(spec.gracePeriod !== undefined && { gracePeriodSeconds: micros(spec.gracePeriod) / 1_000_000 }),
    };
    for (const target of targetsOfDelete(context, spec)) {
      context.user.delete(target.kind, target.key, options, (reply) =>
        reply.ok
          ? context.say(`${target.shown.replace('/', ' "')}" deleted`)
          : context.say(errorLine(reply.error), 'failed'),
      );
    }
  },
};

function targetsOfDelete(context: ActionContext, spec: z.infer<typeof deleteSchema>): readonly Target[] {
  if (spec.delete.includes('/')) {
    return [targetOf(spec.delete, spec.namespace)];
  }
  const kind = kindOfWord(spec.delete) as keyof Kinds;
  const namespace = SERVED_KINDS[kind].namespaced ? (spec.namespace ?? 'default') : undefined;
  return [...context.cluster.list(kind)]
    .filter(
      ({ metadata }) => metadata.namespace === namespace && (!spec.selector || matches(spec.selector, metadata.labels)),
    )
    .map((object) => ({ ...targetOf(`${kind}/${object.metadata.name}`, namespace), key: keyOf(object) }));
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

const labelSchema = strict({ ...ACTION_FIELDS, label: reference(), labels: changes(isLabelValue), ...NAMESPACE_FIELD });
const annotateSchema = strict({
  ...ACTION_FIELDS,
  annotate: reference(),
  annotations: changes(() => true),
  ...NAMESPACE_FIELD,
});

export const label: ActionKind<z.infer<typeof labelSchema>> = {
  verb: 'label',
  help: 'kubectl label --overwrite; null removes',
  schema: labelSchema,
  perform(context, { label, labels, namespace }) {
    changeMetadata(context, targetOf(label, namespace), 'labeled', { labels });
  },
};

export const annotate: ActionKind<z.infer<typeof annotateSchema>> = {
  verb: 'annotate',
  help: 'kubectl annotate --overwrite; null removes',
  schema: annotateSchema,
  perform(context, { annotate, annotations, namespace }) {
    changeMetadata(context, targetOf(annotate, namespace), 'annotated', { annotations });
  },
};

const changeMetadata = (context: ActionContext, target: Target, done: string, metadata: object): void =>
  patchObject(context, target, done, (current) => mergePatch(current, { metadata }) as typeof current);

const patchSchema = strict({
  ...ACTION_FIELDS,
  patch: reference(),
  with: z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))], {
    error: 'expected the patch: a mapping, or a list of operations for type: json',
  }),
  type: z.enum(['strategic', 'merge', 'json']).optional(),
  ...NAMESPACE_FIELD,
}).superRefine((spec, ctx) => {
  if ((spec.type === 'json') !== Array.isArray(spec.with)) {
    mistake(ctx, 'BAD_VALUE', 'a json patch is a list of operations, any other a mapping', undefined, ['with']);
  }
});

export const patch: ActionKind<z.infer<typeof patchSchema>> = {
  verb: 'patch',
  help: 'kubectl patch --type=strategic|merge|json',
  schema: patchSchema,
  perform(context, { patch, with: changes, type = 'strategic', namespace }) {
    const target = targetOf(patch, namespace);
    const change = (current: unknown): unknown =>
      type === 'json'
        ? jsonPatch(current, changes as unknown as readonly JsonPatchOperation[])
        : type === 'merge'
          ? mergePatch(current, changes)
          : strategicMerge(target.kind, current, changes);
    try {
      change(context.cluster.get(target.kind, target.key) ?? {});
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
      context.say(`The request is invalid: ${error.message}`, 'failed');
      return;
    }
    patchObject(context, target, 'patched', (current) => change(current) as typeof current);
  },
};
