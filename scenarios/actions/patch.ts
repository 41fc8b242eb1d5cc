import * as z from 'zod';
import { type DecodeOptions, decode, encode, type FieldPath, type KubeObject } from '../../models/api/index.js';
import { reference } from '../schema/reference.js';
import { isRecord, mistake, strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionKind, failedReply, NAMESPACE_FIELD, patchObject, targetOf } from './action.js';
import { type JsonPatchOperation, jsonPatch } from './json-patch.js';
import { goText, mergePatch, PatchError, strategicMerge } from './merge.js';

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
type PatchSpec = z.infer<typeof patchSchema>;

/** k8s 1.37 kubectl pkg/cmd/patch: GET, then PATCH, whether or not it would change anything. */
export const patch: ActionKind<PatchSpec> = {
  verb: 'patch',
  writer: { manager: 'kubectl-patch' },
  help: 'kubectl patch --type=strategic|merge|json',
  schema: patchSchema,
  perform(context, spec) {
    const target = targetOf(spec.patch, spec.namespace);
    context.user.get(target.kind, target.key, (found) => {
      if (failedReply(context, found)) {
        return;
      }
      const outcome = patched(found.object, spec, context.decoding);
      if ('line' in outcome) {
        // What is wrong with a patch is told by the server.
        const refused = (): void => context.say(outcome.line, 'failed');
        context.user.patch(target.kind, target.key, (current) => current, refused);
        return;
      }
      for (const field of outcome.unknown) {
        context.say(`Warning: unknown field "${field}"`);
      }
      patchObject(
        context,
        target,
        (before, after) => (isSameVersion(before, after) ? 'patched (no change)' : 'patched'),
        (current) => {
          const now = patched(current, spec, context.decoding);
          return ('line' in now ? current : now.object) as typeof current;
        },
      );
    });
  },
};

const isSameVersion = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.resourceVersion === b.metadata.resourceVersion;

type Outcome = { readonly object: unknown; readonly unknown: readonly string[] } | { readonly line: string };

/** k8s 1.37 apiserver pkg/endpoints/handlers/patch.go: the object as JSON, changed, and read again. */
function patched(
  current: KubeObject,
  { type = 'strategic', with: changes }: PatchSpec,
  decoding: DecodeOptions,
): Outcome {
  const json = encode(current, decoding.startTime);
  try {
    const merged =
      type === 'json'
        ? jsonPatch(json, changes as unknown as readonly JsonPatchOperation[])
        : type === 'merge'
          ? mergePatch(json, changes)
          : strategicMerge(current.kind, json, changes);
    return read(merged, changes, decoding, []);
  } catch (error) {
    if (error instanceof PatchError) {
      return { line: error.message };
    }
    throw error;
  }
}

/** Fields that nobody knows are left out, with a warning. */
function read(merged: unknown, changes: unknown, decoding: DecodeOptions, unknown: readonly string[]): Outcome {
  const decoded = decode(merged, decoding);
  if (decoded.ok) {
    return { object: decoded.object, unknown };
  }
  const fields = decoded.mistakes.filter(({ code }) => code === 'UNKNOWN_FIELD').map(({ path }) => path);
  const [wrong] = decoded.mistakes.filter(({ code }) => code !== 'UNKNOWN_FIELD');
  if (wrong !== undefined) {
    const why = `${shownPath(wrong.path)}: ${wrong.message}`;
    return { line: `The request is invalid: patch: Invalid value: ${JSON.stringify(goText(changes))}: ${why}` };
  }
  return read(fields.reduce(withoutField, merged), changes, decoding, [...unknown, ...fields.map(shownPath)]);
}

const shownPath = (path: FieldPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text && '.'}${step}`),
    '',
  );

function withoutField(value: unknown, [step, ...rest]: FieldPath): unknown {
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === step ? withoutField(item, rest) : item));
  }
  if (!isRecord(value)) {
    return value;
  }
  const { [step as string]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...value, [step as string]: withoutField(inner, rest) };
}
