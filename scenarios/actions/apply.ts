import * as z from 'zod';
import { type AnyObject, isKind, type Kind, type Kinds, keyOf } from '../../models/api/index.js';
import type { Draft } from '../../models/client-go/index.js';
import { chosen, isRecord, strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, errorLine, shownName } from './action.js';
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

type Manifests = z.infer<typeof manifestList>;
const listOf = (manifests: Manifests): readonly (string | AnyObject)[] =>
  [manifests].flat() as readonly (string | AnyObject)[];

export const apply: ActionKind<z.infer<typeof applySchema>> = {
  verb: 'apply',
  help: 'kubectl apply -f',
  schema: applySchema,
  manifests: ({ apply }) => listOf(apply),
  perform(context) {
    for (const object of context.objects) {
      applyObject(context, object);
    }
  },
};

export const create: ActionKind<z.infer<typeof createSchema>> = {
  verb: 'create',
  help: 'kubectl create -f',
  schema: createSchema,
  manifests: ({ create }) => listOf(create),
  perform(context) {
    for (const object of context.objects) {
      createObject(context, object);
    }
  },
};

const idOf = (object: AnyObject): string => `${object.kind} ${keyOf(object)}`;

function createObject(context: ActionContext, object: AnyObject): void {
  if (!isKind(object.kind)) {
    return; // kept by the run as inert
  }
  context.user.create(object.kind, object as unknown as Draft<Kinds[Kind]>, (reply) => {
    if (reply.ok) {
      context.lastApplied.set(idOf(object), object);
      context.say(`${shownName(object.kind, reply.object.metadata.name)} created`);
    } else {
      context.say(errorLine(reply.error), 'failed');
    }
  });
}

/** k8s 1.37 kubectl pkg/cmd/apply: GET, then POST what is not there, or PATCH the difference from what was last applied. */
function applyObject(context: ActionContext, object: AnyObject): void {
  const { kind } = object;
  if (!isKind(kind)) {
    return; // kept by the run as inert
  }
  const shown = shownName(kind, object.metadata.name);
  context.user.get(kind, keyOf(object), (found) => {
    if (!found.ok && found.error.reason === 'NotFound') {
      createObject(context, object);
      return;
    }
    if (!found.ok) {
      context.say(errorLine(found.error), 'failed');
      return;
    }
    const applied = context.lastApplied.get(idOf(object));
    const wanted = (current: unknown): unknown => threeWayMerge(kind, applied, object, current);
    if (JSON.stringify(wanted(found.object)) === JSON.stringify(found.object)) {
      context.say(`${shown} unchanged`);
      return;
    }
    context.user.patch(
      kind,
      keyOf(object),
      (current) => wanted(current) as Kinds[Kind],
      (reply) => {
        if (reply.ok) {
          context.lastApplied.set(idOf(object), object);
          context.say(`${shown} configured`);
        } else {
          context.say(errorLine(reply.error), 'failed');
        }
      },
    );
  });
}
