import * as z from 'zod';
import { reference } from '../schema/reference.js';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionKind, NAMESPACE_FIELD, patchObject, targetOf } from './action.js';

const SCALABLE = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'] as const;

const schema = strict({
  ...ACTION_FIELDS,
  scale: reference(...SCALABLE),
  replicas: z.int().min(0),
  ...NAMESPACE_FIELD,
});

export const scale: ActionKind<z.infer<typeof schema>> = {
  verb: 'scale',
  help: 'kubectl scale',
  schema,
  perform(context, { scale, replicas, namespace }) {
    const target = targetOf(scale, namespace) as ReturnType<typeof targetOf> & { kind: 'Deployment' };
    patchObject(context, target, 'scaled', (found) => ({ ...found, spec: { ...found.spec, replicas } }));
  },
};
