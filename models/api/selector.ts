import type { LabelSelector } from './generated/types.js';

export type Labels = Readonly<Record<string, string>>;

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One condition on labels or fields; a selector is a list of them, all of which must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/** As labels.Requirement.Matches (k8s.io/apimachinery pkg/labels): NotIn holds for what lacks the key. */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const found = labels?.[key];
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found);
    case 'NotIn':
      return found === undefined || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    default:
      return found !== undefined && values.length === 1 && compares(operator, found, values[0] as string);
  }
}

const INTEGER = /^[-+]?\d+$/;

function compares(operator: 'Gt' | 'Lt', found: string, bound: string): boolean {
  if (!INTEGER.test(found) || !INTEGER.test(bound)) {
    return false;
  }
  const [left, right] = [BigInt(found.replace('+', '')), BigInt(bound.replace('+', ''))];
  return operator === 'Gt' ? left > right : left < right;
}

export function matchesAll(requirements: readonly Requirement[], labels: Labels | undefined): boolean {
  for (const requirement of requirements) {
    if (!matchesRequirement(requirement, labels)) {
      return false;
    }
  }
  return true;
}

const compiled = new WeakMap<LabelSelector, readonly Requirement[]>();

/** The conditions of a label selector, remembered per selector object. */
export function requirementsOf(selector: LabelSelector): readonly Requirement[] {
  let requirements = compiled.get(selector);
  if (requirements === undefined) {
    requirements = [
      ...requirementsOfSet(selector.matchLabels),
      ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
        key,
        operator: operator as SelectorOperator,
        values: values ?? [],
      })),
    ];
    compiled.set(selector, requirements);
  }
  return requirements;
}

const requirementsOfSet = (set: Labels | undefined): readonly Requirement[] =>
  Object.entries(set ?? {}).map(([key, value]) => ({ key, operator: 'In', values: [value] }));

/** As metav1.LabelSelectorAsSelector: an absent selector matches nothing, an empty one everything. */
export const matchesLabelSelector = (selector: LabelSelector | undefined, labels: Labels | undefined): boolean =>
  selector !== undefined && matchesAll(requirementsOf(selector), labels);

/** Whether the labels contain the whole set: selectors of Services and ReplicationControllers, nodeSelector of pods. */
export function matchesSet(set: Labels | undefined, labels: Labels | undefined): boolean {
  for (const key in set) {
    if (labels?.[key] !== set[key]) {
      return false;
    }
  }
  return true;
}

type Token = { readonly type: 'word' | 'symbol' | 'end'; readonly text: string };

const TOKEN = /\s*(?:(==|!=|[=!(),<>])|([^\s=!(),<>]+))/y;

/**
 * Reads a selector as kubectl takes it: "app=web,tier in (a, b),!canary,size>3".
 * As labels.Parse; sorted by key. Leaves out the check of each key and value.
 * @throws RangeError that says what was found and what fits
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  const tokens = tokenise(text);
  let at = 0;
  const peek = (): Token => tokens[at] ?? END;
  const next = (): Token => tokens[at++] ?? END;
  const requirements: Requirement[] = [];
  if (peek().type === 'end') {
    return requirements;
  }
  for (;;) {
    requirements.push(parseRequirement(next, peek));
    const separator = next();
    if (separator.type === 'end') {
      return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    }
    if (separator.text !== ',') {
      throw unexpected(separator, "',' or 'end of string'");
    }
  }
}

const END: Token = { type: 'end', text: '' };

const unexpected = (found: Token, expected: string): RangeError =>
  new RangeError(`unable to parse requirement: found '${found.text}', expected: ${expected}`);

function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[1] ? { type: 'symbol', text: match[1] } : { type: 'word', text: match[2] as string });
  }
  return tokens;
}

function parseRequirement(next: () => Token, peek: () => Token): Requirement {
  const first = next();
  if (first.text === '!') {
    const key = next();
    if (key.type !== 'word') {
      throw unexpected(key, 'identifier');
    }
    return { key: key.text, operator: 'DoesNotExist', values: [] };
  }
  if (first.type !== 'word') {
    throw unexpected(first, "!, identifier, or 'end of string'");
  }
  const key = first.text;
  const following = peek();
  if (following.type === 'end' || following.text === ',') {
    return { key, operator: 'Exists', values: [] };
  }
  const operator = next().text;
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'In', values: [parseValue(next, peek)] };
    case '!=':
      return { key, operator: 'NotIn', values: [parseValue(next, peek)] };
    case '>':
    case '<':
      return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: [parseInteger(parseValue(next, peek))] };
    case 'in':
    case 'notin':
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: parseValues(next) };
    default:
      throw unexpected(following, 'in, notin, =, ==, !=, gt, lt');
  }
}

/** A value may be empty: "a=" or "a=,b". */
function parseValue(next: () => Token, peek: () => Token): string {
  const following = peek();
  if (following.type === 'end' || following.text === ',') {
    return '';
  }
  const value = next();
  if (value.type !== 'word') {
    throw unexpected(value, 'identifier');
  }
  return value.text;
}

function parseInteger(value: string): string {
  if (!INTEGER.test(value)) {
    throw new RangeError(`for 'Gt', 'Lt' operators, the value must be an integer, not '${value}'`);
  }
  return value;
}

/** "(a, b)"; between commas and brackets a missing word is the empty value. */
function parseValues(next: () => Token): readonly string[] {
  const open = next();
  if (open.text !== '(') {
    throw unexpected(open, "'('");
  }
  const values: string[] = [];
  let word = '';
  for (;;) {
    const token = next();
    if (token.text === ',' || token.text === ')') {
      values.push(word);
      word = '';
      if (token.text === ')') {
        return [...new Set(values)].sort();
      }
    } else if (token.type === 'word' && word === '') {
      word = token.text;
    } else {
      throw unexpected(token, "',', or ')'");
    }
  }
}

/**
 * Reads a field selector: "spec.nodeName=node-1,status.phase!=Running". As fields.ParseSelector (k8s.io/apimachinery
 * pkg/fields), with its backslash escapes.
 * @throws RangeError for a term without an operator
 */
export function parseFieldSelector(text: string): readonly Requirement[] {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return terms.map((term) => {
    const match = /^((?:\\.|[^=!\\])*)(==|!=|=)((?:\\.|[^\\])*)$/.exec(term);
    if (match === null) {
      throw new RangeError(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    return {
      key: (match[1] as string).trim(),
      operator: match[2] === '!=' ? 'NotIn' : 'In',
      values: [(match[3] as string).replace(/\\([\\,=])/g, '$1')],
    };
  });
}

/** Fields, unlike labels, are always there: a missing one counts as empty. */
export const matchesFields = (requirements: readonly Requirement[], fieldOf: (key: string) => string): boolean =>
  requirements.every(({ key, operator, values }) => values.includes(fieldOf(key)) === (operator === 'In'));
