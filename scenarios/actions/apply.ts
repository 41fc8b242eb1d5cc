import * as z from 'zod';
import {
  type AnyObject,
  isKind,
  type Kind,
  type Kinds,
  keyOf,
  LAST_APPLIED,
  lastAppliedOf,
  SERVED_KINDS,
  splitKey,
  withLastApplied,
} from '../../models/api/index.js';
import { type Draft, inTurn, type Then } from '../../models/client-go/index.js';
import { chosen, isRecord, mistake, strict } from '../schema/shapes.js';
import { matches, objectName, type SelectorText, selector } from '../schema/values.js';
import {
  ACTION_FIELDS,
  type ActionContext,
  type ActionKind,
  deletedLine,
  failedReply,
  shownName,
  targetNamed,
} from './action.js';
import { threeWayMerge } from './merge.js';
import { idOf, kindOfAllowed, prune } from './prune.js';
import { applyByServer } from './server-side-apply.js';
import { lastAppliedTextOf, writtenOf } from './written.js';

/** A manifest in place of a file's name. */
export const inlineObject = z
  .looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string().optional() }) })
  .describe('A Kubernetes object, written in place.');

const file = z.string().describe('A file, folder or glob, from the folder of this file.');

/** A file, folder or glob; or an object. */
export const manifest = chosen([file, inlineObject], (value) => (isRecord(value) ? inlineObject : file));
export const manifestList = chosen([manifest, z.array(manifest).min(1)], (value) =>
  Array.isArray(value) ? z.array(manifest).min(1) : manifest,
);

/** Which of the objects in manifests are meant, and where those without a namespace live. */
export const MANIFEST_FIELDS = {
  selector: selector.optional().describe('Only objects with these labels.'),
  namespace: objectName.optional().describe('Of objects whose manifest names none. Left out: default.'),
};

const allowed = z.string().superRefine((text, ctx) => {
  if (kindOfAllowed(text) === undefined) {
    mistake(
      ctx,
      'UNKNOWN_KIND',
      `no kind is called ${JSON.stringify(text)}`,
      'Kinds are written like apps/v1/Deployment',
    );
  }
});

const applySchema = strict({
  ...ACTION_FIELDS,
  apply: manifestList,
  ...MANIFEST_FIELDS,
  force: z.boolean().optional().describe('Deletes what cannot be changed as wanted, and creates it anew.'),
  prune: z
    .boolean()
    .optional()
    .describe('Deletes what was applied once and is not in the manifests any more; with selector or all.'),
  all: z.boolean().optional().describe('With prune: whatever its labels.'),
  pruneAllowlist: z
    .array(allowed)
    .min(1)
    .optional()
    .describe('With prune: kinds to look through, [core/v1/ConfigMap]. Left out: those of kubectl.'),
  serverSide: z.boolean().optional().describe('The server merges, by who owns which field.'),
  forceConflicts: z
    .boolean()
    .optional()
    .describe('With serverSide: takes fields over from those who want another value.'),
}).superRefine((spec, ctx) => {
  if (spec.forceConflicts && !spec.serverSide) {
    mistake(ctx, 'BAD_VALUE', '--force-conflicts only works with --server-side', undefined, ['forceConflicts']);
  }
  if (spec.force && spec.serverSide) {
    mistake(ctx, 'BAD_VALUE', '--force cannot be used with --server-side', undefined, ['force']);
  }
  if (spec.all && spec.selector !== undefined) {
    mistake(ctx, 'BAD_VALUE', 'cannot set --all and --selector at the same time', undefined, ['selector']);
  }
  if (spec.prune && !spec.all && spec.selector === undefined) {
    const hint = 'To prune all resources, pass the --all flag. If you did not mean to, specify a label selector';
    mistake(ctx, 'MISSING_FIELD', 'all resources selected for prune without explicitly passing --all', hint, ['prune']);
  }
});
type ApplySpec = z.infer<typeof applySchema>;

const SAVE_CONFIG = z.boolean().optional().describe('Notes it as applied last, for a later apply.');
const createSchema = strict({ ...ACTION_FIELDS, create: manifestList, ...MANIFEST_FIELDS, saveConfig: SAVE_CONFIG });
const replaceSchema = strict({
  ...ACTION_FIELDS,
  replace: manifestList,
  namespace: MANIFEST_FIELDS.namespace,
  saveConfig: SAVE_CONFIG,
  force: z.boolean().optional().describe('Delete what is there at once, and create it anew.'),
});

type Manifests = z.infer<typeof manifestList>;
export const manifestsOf = (manifests: Manifests): readonly (string | AnyObject)[] =>
  [manifests].flat() as readonly (string | AnyObject)[];

/** An object of a kind that is served; the run keeps the others as inert. */
export type Served = AnyObject & { readonly kind: Kind };

/** Does something with each object, or each with these labels, one after the other as kubectl does. */
export function eachObject(
  context: ActionContext,
  chosen: SelectorText | undefined,
  act: (object: Served, done: () => void) => void,
  then: (objects: readonly Served[]) => void = () => {},
): void {
  const served = context.objects.filter(
    (object): object is Served =>
      isKind(object.kind) && (chosen === undefined || matches(chosen, object.metadata.labels)),
  );
  inTurn<Served, never>(
    served,
    (object, ended) => act(object, ended),
    () => then(served),
  );
}

export const apply: ActionKind<z.infer<typeof applySchema>> = {
  verb: 'apply',
  help: 'kubectl apply -f',
  writer: { manager: 'kubectl-client-side-apply' },
  schema: applySchema,
  manifests: ({ apply }) => manifestsOf(apply),
  appliesByServer: ({ serverSide = false }) => serverSide,
  perform(given, spec) {
    const { serverSide = false, forceConflicts = false, fieldManager = 'kubectl', force = false } = spec;
    let hasFailed = false;
    const context: ActionContext = {
      ...given,
      say(line, failed) {
        hasFailed ||= failed !== undefined;
        given.say(line, failed);
      },
    };
    eachObject(
      context,
      spec.selector,
      (object, done) =>
        serverSide
          ? applyByServer(context, object, { fieldManager, force: forceConflicts }, done)
          : applyObject(context, object, force, done),
      (objects) => {
        if (objects.length === 0) {
          context.say('error: no objects passed to apply', 'failed');
        } else if (spec.prune && !hasFailed) {
          pruneAfter(context, spec, objects);
        }
      },
    );
  },
};

function pruneAfter(
  context: ActionContext,
  { selector, namespace, pruneAllowlist }: ApplySpec,
  objects: readonly Served[],
): void {
  const homes = [namespace, ...objects.map(({ metadata }) => metadata.namespace)];
  prune(context, {
    selector,
    kinds: pruneAllowlist?.map((text) => kindOfAllowed(text) as Kind),
    namespaces: [...new Set(homes)].filter((home) => home !== undefined).sort(),
    applied: new Set(objects.map(idOf)),
  });
}

export const create: ActionKind<z.infer<typeof createSchema>> = {
  verb: 'create',
  writer: { manager: 'kubectl-create' },
  help: 'kubectl create -f',
  schema: createSchema,
  manifests: ({ create }) => manifestsOf(create),
  perform(context, { saveConfig, selector }) {
    eachObject(context, selector, (object, done) =>
      createObject(context, saved(context, object, saveConfig), 'created', done),
    );
  },
};

export const replace: ActionKind<z.infer<typeof replaceSchema>> = {
  verb: 'replace',
  writer: { manager: 'kubectl-replace' },
  help: 'kubectl replace -f',
  schema: replaceSchema,
  manifests: ({ replace }) => manifestsOf(replace),
  perform(context, { force = false, saveConfig }) {
    eachObject(context, undefined, (given, done) => {
      const object = saved(context, given, saveConfig);
      return force ? replaceByForce(context, object, done) : replaceObject(context, object, done);
    });
  },
};

const saved = (context: ActionContext, object: Served, saveConfig = false): Served =>
  saveConfig ? withLastApplied(object, lastAppliedTextOf(context.decoding, object)) : object;

export function createObject(context: ActionContext, object: Served, word: string, done: () => void): void {
  const answered: Then<Kinds[Kind]> = (reply) => {
    if (!failedReply(context, reply)) {
      context.say(`${shownName(object.kind, reply.object.metadata.name)} ${word}`);
    }
    done();
  };
  context.user.create(object.kind, object as unknown as Draft<Kinds[Kind]>, answered, context.writer);
}

/** k8s 1.37 kubectl pkg/cmd/apply: GET, then POST what is not there, or PATCH the difference from what was last applied. */
function applyObject(context: ActionContext, object: Served, force: boolean, done: () => void): void {
  const { kind } = object;
  const text = lastAppliedTextOf(context.decoding, object);
  context.user.get(kind, keyOf(object), (found) => {
    if (!found.ok && found.error.reason === 'NotFound') {
      createObject(context, saved(context, object, true), 'created', done);
      return;
    }
    if (failedReply(context, found)) {
      done();
      return;
    }
    const initial = context.initial.get(found.object.metadata.uid ?? '');
    const applied = lastAppliedOf(found.object) ?? (initial && writtenOf(context.decoding, initial));
    const shown = shownName(kind, object.metadata.name);
    if (applied === undefined) {
      context.say(
        `Warning: resource ${SERVED_KINDS[kind].plural}/${object.metadata.name} is missing the ` +
          `${LAST_APPLIED} annotation which is required by kubectl apply. ` +
          'kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or ' +
          'kubectl apply. The missing annotation will be patched automatically.',
      );
    }
    // As if it had the annotation: nobody wrote it when the run began.
    const isSameAsInitial =
      lastAppliedOf(found.object) === undefined &&
      initial !== undefined &&
      lastAppliedTextOf(context.decoding, initial) === text;
    const modified = isSameAsInitial
      ? writtenOf(context.decoding, object)
      : withLastApplied(writtenOf(context.decoding, object), text);
    const wanted = (current: Kinds[Kind]): Kinds[Kind] =>
      threeWayMerge(kind, applied, modified, current) as Kinds[Kind];
    if (JSON.stringify(wanted(found.object)) === JSON.stringify(found.object)) {
      context.say(`${shown} unchanged`);
      done();
      return;
    }
    const answered: Then<Kinds[Kind]> = (reply) => {
      if (force && !reply.ok && (reply.error.reason === 'Invalid' || reply.error.reason === 'Conflict')) {
        createAnew(context, saved(context, object, true), 'configured', done);
        return;
      }
      if (!failedReply(context, reply)) {
        if (reply.object.metadata.deletionTimestamp !== undefined) {
          const { name } = object.metadata;
          context.say(`Warning: Detected changes to resource ${name} which is currently being deleted.`);
        }
        context.say(`${shown} configured`);
      }
      done();
    };
    context.user.patch(kind, keyOf(object), wanted, answered, context.writer);
  });
}

/** kubectl pkg/cmd/replace: PUT over whatever version is there. */
function replaceObject(context: ActionContext, object: Served, done: () => void): void {
  const { kind } = object;
  context.user.get(kind, keyOf(object), (found) => {
    if (failedReply(context, found)) {
      done();
      return;
    }
    const { resourceVersion, uid } = found.object.metadata;
    const metadata = { uid, ...object.metadata, resourceVersion };
    const answered: Then<Kinds[Kind]> = (reply) => {
      if (!failedReply(context, reply)) {
        context.initial.delete(uid ?? '');
        context.say(`${shownName(kind, object.metadata.name)} replaced`);
      }
      done();
    };
    context.user.update(kind, { ...object, metadata } as unknown as Kinds[Kind], answered, context.writer);
  });
}

/** kubectl pkg/cmd/replace forceReplace: DELETE with no grace, wait until it is gone, POST. */
function replaceByForce(context: ActionContext, object: Served, done: () => void): void {
  const shown = targetNamed(object.kind, object.metadata.name, object.metadata.namespace);
  createAnew(context, object, 'replaced', done, () => context.say(deletedLine(shown, 'deleted')));
}

/** Also pkg/cmd/apply's patcher.deleteAndCreate. */
function createAnew(
  context: ActionContext,
  object: Served,
  word: string,
  done: () => void,
  deleted: () => void = () => {},
): void {
  const { kind } = object;
  const key = keyOf(object);
  const put = (): void => createObject(context, object, word, done);
  context.user.delete(kind, key, { gracePeriodSeconds: 0, propagationPolicy: 'Background' }, (reply) => {
    if (!reply.ok && reply.error.reason === 'NotFound') {
      put();
      return;
    }
    if (failedReply(context, reply)) {
      done();
      return;
    }
    deleted();
    awaitAbsence(context, kind, key, reply.object.metadata.uid, put);
  });
}

/** Goes on when the object with this uid is gone; says so at the end of the run if it never is. */
export function awaitAbsence(
  context: ActionContext,
  kind: Kind,
  key: string,
  uid: string | undefined,
  then: () => void,
): void {
  if (context.cluster.get(kind, key)?.metadata.uid !== uid) {
    then();
    return;
  }
  const shown = shownName(kind, splitKey(key).name);
  const stopWaiting = context.unfinished(() => {
    const finalizers = context.cluster.get(kind, key)?.metadata.finalizers ?? [];
    return [
      `${shown} is not gone${finalizers.length > 0 ? `: nothing has taken its finalizers away (${finalizers.join(', ')})` : ''}`,
    ];
  });
  const stopWatching = context.cluster.watch(kind, {
    added: () => {},
    modified: () => {},
    deleted: ({ metadata }) => {
      if (metadata.uid === uid) {
        stopWatching();
        stopWaiting();
        then();
      }
    },
  });
}
