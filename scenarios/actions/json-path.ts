import { isRecord } from '../schema/shapes.js';

type Json = unknown;

/** A step of a path: to a field, to an item, to all items, or to those whose field has a value. */
type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly Step[]; readonly value: string };

const STEP =
  /^(?:\.?\['((?:[^'\\]|\\.)*)'\]|\.?\[(-?\d+)\]|\.?\[\*\]|\.?\[\?\(@((?:\.[\w-]+)+)\s*==\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\)\]|\.((?:[\w-]|\\.)+)|\.\*)/;

/**
 * The part of JSONPath that kubectl wait is used with: fields, items, [*] and [?(@.field=="value")]; braces and the first dot may be
 * left out. Undefined when it is none.
 */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  const inner = text.replace(/^\{(.*)\}$/s, '$1').trim();
  let rest = inner.replace(/^\$/, '');
  rest = /^[.[]/.test(rest) ? rest : `.${rest}`;
  const steps: Step[] = [];
  while (rest !== '') {
    const found = STEP.exec(rest);
    if (found === null) {
      return undefined;
    }
    steps.push(stepOf(found));
    rest = rest.slice(found[0].length);
  }
  return steps;
}

function stepOf([, quoted, index, filtered, double, single, bare, name]: RegExpExecArray): Step {
  if (filtered !== undefined) {
    const path = filtered
      .split('.')
      .slice(1)
      .map((field): Step => ({ kind: 'field', name: field }));
    return { kind: 'filter', path, value: double ?? single ?? bare ?? '' };
  }
  if (index !== undefined) {
    return { kind: 'item', index: Number(index) };
  }
  const field = quoted ?? name;
  return field === undefined ? { kind: 'all' } : { kind: 'field', name: field.replace(/\\(.)/g, '$1') };
}

/** What stands there, as often as the path finds something. */
export const found = (value: Json, steps: readonly Step[]): readonly Json[] =>
  steps.reduce<readonly Json[]>((values, step) => values.flatMap((one) => stepped(one, step)), [value]);

function stepped(value: Json, step: Step): readonly Json[] {
  switch (step.kind) {
    case 'field':
      return isRecord(value) && value[step.name] !== undefined ? [value[step.name]] : [];
    case 'item':
      return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : [];
    case 'all':
      return Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
    default:
      return Array.isArray(value)
        ? value.filter((item) => found(item, step.path).some((one) => String(one) === step.value))
        : [];
  }
}
