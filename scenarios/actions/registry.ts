import type * as z from 'zod';
import { chosen, isRecord, mistake } from '../schema/shapes.js';
import { didYouMean } from '../schema/suggest.js';
import type { ActionKind, ActionSpec } from './action.js';
import { apply, create } from './apply.js';
import { drain } from './drain.js';
import { addNodes, cordon, deleteNode, taint, uncordon } from './nodes.js';
import { annotate, deleteObjects, label, patch } from './objects.js';
import { rolloutPause, rolloutRestart, rolloutResume, rolloutUndo } from './rollout.js';
import { scale } from './scale.js';
import { setImage } from './set-image.js';

const KINDS = [
  apply,
  create,
  deleteObjects,
  scale,
  setImage,
  rolloutUndo,
  rolloutRestart,
  rolloutPause,
  rolloutResume,
  label,
  annotate,
  patch,
  cordon,
  uncordon,
  drain,
  taint,
  addNodes,
  deleteNode,
] as const;

type SpecOf<Kind> = Kind extends ActionKind<infer Spec> ? Spec : never;
export type ActionText = SpecOf<(typeof KINDS)[number]>;

/** Every kind of action, by verb. */
export const ACTION_KINDS: ReadonlyMap<string, ActionKind<ActionSpec>> = new Map(
  KINDS.map((kind) => [kind.verb, kind as unknown as ActionKind<ActionSpec>]),
);

const verbsIn = (value: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(value).filter((key) => ACTION_KINDS.has(key));

/** The kind of a checked action. */
export const actionKindOf = (action: ActionText): ActionKind<ActionSpec> =>
  ACTION_KINDS.get(verbsIn(action as unknown as Record<string, unknown>)[0] as string) as ActionKind<ActionSpec>;

/** An action of any kind; mistakes are told for the kind whose verb is there. */
export const action: z.ZodType<ActionText, ActionText> = chosen(
  KINDS.map((kind) => kind.schema) as unknown as readonly z.ZodType<ActionText, ActionText>[],
  (value, ctx) => {
    if (!isRecord(value)) {
      mistake(
        ctx,
        'WRONG_TYPE',
        'an action is a mapping with a time and a verb: {at: 5m, scale: deployment/cart, replicas: 6}',
      );
      return undefined;
    }
    const verbs = verbsIn(value);
    if (verbs.length === 1) {
      return ACTION_KINDS.get(verbs[0] as string)?.schema;
    }
    if (verbs.length > 1) {
      mistake(ctx, 'UNKNOWN_ACTION', `${verbs.join(' and ')} in one action: write one action each`);
      return undefined;
    }
    const words = Object.keys(value).filter((key) => key !== 'at');
    const hints = words.map((word) => didYouMean(word, ACTION_KINDS.keys())).filter((hint) => hint?.startsWith('Did'));
    mistake(
      ctx,
      'UNKNOWN_ACTION',
      'no verb in this action',
      hints[0] ?? `Known: ${[...ACTION_KINDS.keys()].join(', ')}`,
    );
    return undefined;
  },
);
