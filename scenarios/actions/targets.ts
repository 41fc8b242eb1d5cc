import * as z from 'zod';
import {
  fieldRefusal,
  type Kind,
  type Kinds,
  matchesFields,
  parseFieldSelector,
  SERVED_KINDS,
  selectableField,
} from '../../models/api/index.js';
import { inTurn } from '../../models/client-go/index.js';
import { kindOfWord, reference, suggestKind } from '../schema/reference.js';
import { chosen, mistake } from '../schema/shapes.js';
import { matches, type SelectorText, selector } from '../schema/values.js';
import { type ActionContext, failedReply, NAMESPACE_FIELD, type Target, targetNamed, targetOf } from './action.js';

const fieldSelector = z.string().superRefine((text, ctx) => {
  try {
    parseFieldSelector(text);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    mistake(ctx, 'BAD_SELECTOR', error.message, 'Fields are selected like status.phase=Failed,spec.nodeName!=n1');
  }
});

/** Which objects of a kind, where none is named. */
export const CHOICE_FIELDS = {
  selector: selector.optional().describe('Objects of the kind with these labels.'),
  fieldSelector: fieldSelector.optional().describe('Objects of the kind with these fields: status.phase=Failed.'),
  all: z.boolean().optional().describe('All objects of the kind in the namespace.'),
  allNamespaces: z.boolean().optional().describe('In every namespace.'),
  ...NAMESPACE_FIELD,
};

export interface Choice {
  readonly selector?: SelectorText | undefined;
  readonly fieldSelector?: string | undefined;
  readonly all?: boolean | undefined;
  readonly allNamespaces?: boolean | undefined;
  readonly namespace?: string | undefined;
}

/** Whether a choice says which objects are meant. */
export const isChosen = ({ selector, fieldSelector, all }: Choice): boolean =>
  selector !== undefined || fieldSelector !== undefined || all === true;

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

/**
 * A kind without a name says nothing unless objects are chosen, and a name leaves no choice. For superRefine of the action. The
 * messages are those of cli-runtime's pkg/resource Builder and kubectl's pkg/cmd/delete.
 */
export const needsChoice =
  <Field extends string>(field: Field) =>
  (spec: Choice & { readonly [F in Field]: TargetsText }, ctx: z.RefinementCtx): void => {
    const texts = [spec[field]].flat();
    const bare = texts.find((text) => !text.includes('/'));
    if (bare !== undefined && !isChosen(spec)) {
      const which = `which ${bare}? Name one (${bare}/NAME), or give a selector or all: true`;
      mistake(ctx, 'MISSING_FIELD', which);
    }
    checkChoice(texts, spec, ctx);
  };

/** What does not go together. */
export function checkChoice(texts: readonly string[], spec: Choice, ctx: z.RefinementCtx): void {
  const isNamed = texts.some((text) => text.includes('/'));
  if (isNamed && isChosen(spec)) {
    mistake(ctx, 'BAD_VALUE', 'name cannot be provided when a selector is specified');
  }
  if (isNamed && spec.allNamespaces) {
    mistake(ctx, 'BAD_VALUE', 'a resource cannot be retrieved by name across all namespaces');
  }
  for (const other of ['selector', 'fieldSelector'] as const) {
    if (spec.all && spec[other] !== undefined) {
      const flag = other === 'selector' ? '--selector' : '--field-selector';
      mistake(ctx, 'BAD_VALUE', `cannot set --all and ${flag} at the same time`, undefined, [other]);
    }
  }
  for (const kind of texts.map(kindOfWord)) {
    for (const { key } of kind === undefined ? [] : fieldsOf(spec)) {
      const refusal = fieldRefusal(kind as Kind, key);
      if (refusal !== undefined) {
        mistake(ctx, 'BAD_SELECTOR', refusal, undefined, ['fieldSelector']);
      }
    }
  }
}

/** The terms of a choice's field selector; none of one that is told to be wrong elsewhere. */
function fieldsOf({ fieldSelector: text }: Choice): ReturnType<typeof parseFieldSelector> {
  return text === undefined || !fieldSelector.safeParse(text).success ? [] : parseFieldSelector(text);
}

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
  let count = 0;
  const actOnEach = (found: readonly Target[], then: () => void): void => {
    count += found.length;
    inTurn<Target, never>(found, (target, ended) => act(target, ended), then);
  };
  inTurn<string, never>(
    [texts].flat(),
    (text, ended) => {
      if (text.includes('/')) {
        actOnEach([targetOf(text, choice.namespace)], ended);
        return;
      }
      listChosen(context, kindOfWord(text) as Kind, choice, (found) => {
        const targets = found.map(({ kind, metadata }) => targetNamed(kind, metadata.name, metadata.namespace));
        actOnEach(targets, ended);
      });
    },
    () => {
      if (count === 0) {
        none();
      }
    },
  );
}

/** The objects of a kind that a choice means; says so and stops where they cannot be listed. */
export function listChosen<K extends Kind>(
  context: ActionContext,
  kind: K,
  choice: Choice,
  then: (found: readonly Kinds[K][]) => void,
): void {
  const { selector: labels, allNamespaces, namespace = 'default' } = choice;
  const home = allNamespaces || !SERVED_KINDS[kind].namespaced ? undefined : namespace;
  const fields = fieldsOf(choice);
  context.user.list(kind, home, (reply) => {
    if (!failedReply(context, reply)) {
      then(
        reply.object.filter(
          (object) =>
            (labels === undefined || matches(labels, object.metadata.labels)) &&
            matchesFields(fields, (key) => selectableField(object, key)),
        ),
      );
    }
  });
}
