import * as z from 'zod';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionKind, changeObject, type Target } from './action.js';
import { CHOICE_FIELDS, eachTarget, needsChoice, targets } from './targets.js';

const schema = strict({
  ...ACTION_FIELDS,
  scale: targets('Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'),
  replicas: z.int().min(0),
  currentReplicas: z.int().min(0).optional().describe('Nothing is done unless there are so many.'),
  ...CHOICE_FIELDS,
}).superRefine(needsChoice('scale'));

export const scale: ActionKind<z.infer<typeof schema>> = {
  verb: 'scale',
  writer: { manager: 'kubectl', subresource: 'scale' },
  help: 'kubectl scale',
  schema,
  perform(context, spec) {
    const { replicas, currentReplicas } = spec;
    eachTarget(
      context,
      spec.scale,
      spec,
      (target, done) =>
        changeObject(
          context,
          target as Target & { kind: 'Deployment' },
          { done: 'scaled', unchanged: 'scaled' },
          (found) =>
            currentReplicas !== undefined && found.spec.replicas !== currentReplicas
              ? { refusal: `Expected replicas to be ${currentReplicas}, was ${found.spec.replicas}` }
              : { ...found, spec: { ...found.spec, replicas } },
          done,
        ),
      () => context.say('error: no objects passed to scale', 'failed'),
    );
  },
};
