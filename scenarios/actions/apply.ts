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

const applySchema = strict({
  ...ACTION_FIELDS,
  apply: manifestList,
  serverSide: z.boolean().optional().describe('The server merges, by who owns which field.'),
  forceConflicts: z
    .boolean()
    .optional()
    .describe('With serverSide: takes fields over from those who want another value.'),
}).superRefine((spec, ctx) => {
  if (spec.forceConflicts && !spec.serverSide) {
    mistake(ctx, 'BAD_VALUE', '--force-conflicts only works with --server-side', undefined, ['forceConflicts']);
  }
});
const SAVE_CONFIG = z.boolean().optional().describe('Notes it as applied last, for a later apply.');
const createSchema = strict({ ...ACTION_FIELDS, create: manifestList, saveConfig: SAVE_CONFIG });
const replaceSchema = strict({
  ...ACTION_FIELDS,
  replace: manifestList,
  saveConfig: SAVE_CONFIG,
  force: z.boolean().optional().describe('Delete what is there at once, and create it anew.'),
});

type Manifests = z.infer<typeof manifestList>;
export const manifestsOf = (manifests: Manifests): readonly (string | AnyObject)[] =>
  [manifests].flat() as readonly (string | AnyObject)[];

/** An object of a kind that is served; the run keeps the others as inert. */
export type Served = AnyObject & { readonly kind: Kind };

/** Does something with each object, one after the other as kubectl does. */
export function eachObject(context: ActionContext, act: (object: Served, done: () => void) => void): void {
  const served = context.objects.filter((object): object is Served => isKind(object.kind));
  inTurn<Served, never>(
    served,
    (object, ended) => act(object, ended),
    () => {},
  );
}

export const apply: ActionKind<z.infer<typeof applySchema>> = {
  verb: 'apply',
  help: 'kubectl apply -f',
  writer: { manager: 'kubectl-client-side-apply' },
  schema: applySchema,
  manifests: ({ apply }) => manifestsOf(apply),
  appliesByServer: ({ serverSide = false }) => serverSide,
  perform(context, { serverSide = false, forceConflicts: force = false, fieldManager = 'kubectl' }) {
    eachObject(context, (object, done) =>
      serverSide ? applyByServer(context, object, { fieldManager, force }, done) : applyObject(context, object, done),
    );
  },
};

export const create: ActionKind<z.infer<typeof createSchema>> = {
  verb: 'create',
  writer: { manager: 'kubectl-create' },
  help: 'kubectl create -f',
  schema: createSchema,
  manifests: ({ create }) => manifestsOf(create),
  perform(context, { saveConfig }) {
    eachObject(context, (object, done) => createObject(context, saved(context, object, saveConfig), 'created', done));
  },
};

export const replace: ActionKind<z.infer<typeof replaceSchema>> = {
  verb: 'replace',
  writer: { manager: 'kubectl-replace' },
  help: 'kubectl replace -f',
  schema: replaceSchema,
  manifests: ({ replace }) => manifestsOf(replace),
  perform(context, { force = false, saveConfig }) {
    eachObject(context, (given, done) => {
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
function applyObject(context: ActionContext, object: Served, done: () => void): void {
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
  const { kind } = object;
  const key = keyOf(object);
  const put = (): void => createObject(context, object, 'replaced', done);
  context.user.delete(kind, key, { gracePeriodSeconds: 0, propagationPolicy: 'Background' }, (reply) => {
    if (!reply.ok && reply.error.reason === 'NotFound') {
      put();
      return;
    }
    if (failedReply(context, reply)) {
      done();
      return;
    }
    context.say(deletedLine(targetNamed(kind, object.metadata.name, object.metadata.namespace), 'deleted'));
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
