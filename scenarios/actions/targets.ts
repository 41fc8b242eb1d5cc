import * as z from 'zod';
import { type Kind, SERVED_KINDS } from '../../models/api/index.js';
import { inTurn } from '../../models/client-go/index.js';
import { kindOfWord, reference, suggestKind } from '../schema/reference.js';
import { chosen, mistake } from '../schema/shapes.js';
import { matches, type SelectorText, selector } from '../schema/values.js';
import { type ActionContext, failedReply, NAMESPACE_FIELD, type Target, targetNamed, targetOf } from './action.js';

/** Which objects of a kind, where none is named. */
export const CHOICE_FIELDS = {
  selector: selector.optional().describe('Objects of the kind with these labels.'),
  all: z.boolean().optional().describe('All objects of the kind in the namespace.'),
  ...NAMESPACE_FIELD,
};

interface Choice {
  readonly selector?: SelectorText | undefined;
  readonly all?: boolean | undefined;
  readonly namespace?: string | undefined;
}

/** An object or several, deployment/cart; or a kind, whose objects `selector` or `all` choose. */
export function targets(...kinds: readonly Kind[]) {
  const named = reference(...kinds);
  const kind = z.string().superRefine((text, ctx) => {
    const found = kindOfWord(text);
    if (found === undefined) {
      mistake(ctx, 'UNKNOWN_KIND', `no kind is called ${JSON.stringify(text)}`, suggestKind(text));
    } else if (kinds.length > 0 && !kinds.includes(found)) {
      mistake(ctx, 'BAD_VALUE', `this cannot be done to a ${found}`, `It can to: ${kinds.join(', ')}`);
    }
  });
  const one = chosen([named, kind], (value) => (typeof value === 'string' && !value.includes('/') ? kind : named));
  const several = z.array(one).min(1);
  return chosen([one, several], (value) => (Array.isArray(value) ? several : one)).meta({
    description: 'An object, deployment/cart, or several; or a kind, with a selector or all.',
  });
}

export type TargetsText = string | readonly string[];

/** A kind without a name says nothing unless objects are chosen. For superRefine of the action. */
export const needsChoice =
  <Field extends string>(field: Field) =>
  (spec: Choice & { readonly [F in Field]: TargetsText }, ctx: z.RefinementCtx): void => {
    const bare = [spec[field]].flat().find((text) => !text.includes('/'));
    if (bare !== undefined && spec.selector === undefined && spec.all !== true) {
      const which = `which ${bare}? Name one (${bare}/NAME), or give a selector or all: true`;
      mistake(ctx, 'MISSING_FIELD', which);
    }
  };

/**
 * Does something to each target, one after the other as kubectl does. `none` says what is printed when a selector finds nothing.
 */
export function eachTarget(
  context: ActionContext,
  texts: TargetsText,
  choice: Choice,
  act: (target: Target, done: () => void) => void,
  none: () => void = () => context.say('No resources found'),
): void {
  const found: Target[] = [];
  inTurn<string, never>(
    [texts].flat(),
    (text, ended) => {
      if (text.includes('/')) {
        found.push(targetOf(text, choice.namespace));
        ended();
        return;
      }
      const kind = kindOfWord(text) as Kind;
      const namespace = SERVED_KINDS[kind].namespaced ? (choice.namespace ?? 'default') : undefined;
      context.user.list(kind, namespace, (reply) => {
        if (!failedReply(context, reply)) {
          for (const { metadata } of reply.object) {
            if (choice.selector === undefined || matches(choice.selector, metadata.labels)) {
              found.push(targetNamed(kind, metadata.name, metadata.namespace));
            }
          }
          ended();
        }
      });
    },
    () => {
      if (found.length === 0) {
        none();
      }
      inTurn<Target, never>(
        found,
        (target, ended) => act(target, ended),
        () => {},
      );
    },
  );
}
