import * as z from 'zod';
import {
  type AnyObject,
  isKind,
  type Kind,
  type Kinds,
  keyOf,
  SERVED_KINDS,
  splitKey,
} from '../../models/api/index.js';
import { type Draft, inTurn } from '../../models/client-go/index.js';
import { chosen, isRecord, strict } from '../schema/shapes.js';
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

const applySchema = strict({ ...ACTION_FIELDS, apply: manifestList });
const createSchema = strict({ ...ACTION_FIELDS, create: manifestList });
const replaceSchema = strict({
  ...ACTION_FIELDS,
  replace: manifestList,
  force: z.boolean().optional().describe('Delete what is there at once, and create it anew.'),
});

type Manifests = z.infer<typeof manifestList>;
export const manifestsOf = (manifests: Manifests): readonly (string | AnyObject)[] =>
  [manifests].flat() as readonly (string | AnyObject)[];

/** An object of a kind that is served; the run keeps the others as inert. */
type Served = AnyObject & { readonly kind: Kind };

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
  schema: applySchema,
  manifests: ({ apply }) => manifestsOf(apply),
  perform(context) {
    eachObject(context, (object, done) => applyObject(context, object, done));
  },
};

export const create: ActionKind<z.infer<typeof createSchema>> = {
  verb: 'create',
  help: 'kubectl create -f',
  schema: createSchema,
  manifests: ({ create }) => manifestsOf(create),
  perform(context) {
    eachObject(context, (object, done) => createObject(context, object, 'created', done));
  },
};

export const replace: ActionKind<z.infer<typeof replaceSchema>> = {
  verb: 'replace',
  help: 'kubectl replace -f',
  schema: replaceSchema,
  manifests: ({ replace }) => manifestsOf(replace),
  perform(context, { force = false }) {
    eachObject(context, (object, done) =>
      force ? replaceByForce(context, object, done) : replaceObject(context, object, done),
    );
  },
};

export function createObject(
  context: ActionContext,
  object: Served,
  word: string,
  done: () => void,
  created: (uid: string) => void = () => {},
): void {
  context.user.create(object.kind, object as unknown as Draft<Kinds[Kind]>, (reply) => {
    if (!failedReply(context, reply)) {
      created(reply.object.metadata.uid ?? '');
      context.say(`${shownName(object.kind, reply.object.metadata.name)} ${word}`);
    }
    done();
  });
}

/** k8s 1.37 kubectl pkg/cmd/apply: GET, then POST what is not there, or PATCH the difference from what was last applied. */
function applyObject(context: ActionContext, object: Served, done: () => void): void {
  const { kind } = object;
  const shown = shownName(kind, object.metadata.name);
  context.user.get(kind, keyOf(object), (found) => {
    if (!found.ok && found.error.reason === 'NotFound') {
      createObject(context, object, 'created', done, (uid) => context.lastApplied.set(uid, object));
      return;
    }
    if (failedReply(context, found)) {
      done();
      return;
    }
    const uid = found.object.metadata.uid ?? '';
    const applied = context.lastApplied.get(uid);
    if (applied === undefined) {
      context.say(
        `Warning: resource ${SERVED_KINDS[kind].plural}/${object.metadata.name} is missing the ` +
          'kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. ' +
          'kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or ' +
          'kubectl apply. The missing annotation will be patched automatically.',
      );
    }
    const wanted = (current: unknown): unknown => threeWayMerge(kind, applied, object, current);
    if (JSON.stringify(wanted(found.object)) === JSON.stringify(found.object)) {
      context.lastApplied.set(uid, object);
      context.say(`${shown} ${applied === undefined ? 'configured' : 'unchanged'}`);
      done();
      return;
    }
    context.user.patch(
      kind,
      keyOf(object),
      (current) => wanted(current) as Kinds[Kind],
      (reply) => {
        if (!failedReply(context, reply)) {
          context.lastApplied.set(uid, object);
          context.say(`${shown} configured`);
        }
        done();
      },
    );
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
    context.user.update(kind, { ...object, metadata } as unknown as Kinds[Kind], (reply) => {
      if (!failedReply(context, reply)) {
        context.say(`${shownName(kind, object.metadata.name)} replaced`);
      }
      done();
    });
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
