import { kindOfWord, suggestKind } from '../schema/reference.js';
import type { SelectorText } from '../schema/values.js';
import { given } from './command.js';
import type { CommandLine, FlagTable } from './flags.js';
import { UsageError } from './words.js';

export const CHOICE_FLAGS: FlagTable = {
  selector: { type: 'text', short: 'l' },
  all: { type: 'boolean' },
};

/** Flags of the commands that can choose by more than labels. */
export const WIDE_CHOICE_FLAGS: FlagTable = {
  ...CHOICE_FLAGS,
  'field-selector': { type: 'text' },
  'all-namespaces': { type: 'boolean', short: 'A' },
};

/** What --namespace, --selector, --field-selector, --all and --all-namespaces say, as fields of an action. */
export function choiceOf(line: CommandLine): Record<string, unknown> {
  const selector = line.text('selector');
  return {
    ...namespaceOf(line),
    ...(selector !== undefined && { selector: selectorOf(selector) }),
    ...given({ fieldSelector: line.text('field-selector') }),
    ...(line.boolean('all') && { all: true }),
    ...(line.boolean('all-namespaces') && { allNamespaces: true }),
  };
}

export function namespaceOf(line: CommandLine): { readonly namespace?: string } {
  const namespace = line.text('namespace');
  return namespace === undefined ? {} : { namespace };
}

const SLASHED =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/**
 * "deploy/web", "deploy web api", "deploy,svc web": the objects meant, each as KIND/NAME; the kinds alone where no name stands.
 * k8s 1.37 cli-runtime pkg/resource Builder.ResourceTypeOrNameArgs.
 */
export function resourcesOf(words: readonly string[], example: string): string | readonly string[] {
  if (words.length === 0) {
    throw new UsageError('you must specify the type of resource', `As in: kubectl ${example}`);
  }
  const slashed = words.filter((word) => word.includes('/'));
  if (slashed.length > 0 && slashed.length < words.length) {
    throw new UsageError(SLASHED);
  }
  const [types = '', ...names] = words;
  const found =
    slashed.length > 0
      ? words
      : types
          .split(',')
          .flatMap((type) => CATEGORIES[type] ?? [type])
          .flatMap((type) => (names.length === 0 ? [type] : names.map((name) => `${type}/${name}`)));
  for (const text of found) {
    checkType(text.split('/')[0] as string);
  }
  return found.length === 1 ? (found[0] as string) : found;
}

/** What stands for several types: `kubectl api-resources --categories=all`, in the order of their groups. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  all: [
    'pods',
    'replicationcontrollers',
    'services',
    'daemonsets',
    'deployments',
    'replicasets',
    'statefulsets',
    'horizontalpodautoscalers',
    'cronjobs',
    'jobs',
  ],
};

function checkType(word: string): void {
  if (kindOfWord(word) === undefined) {
    throw new UsageError(`error: the server doesn't have a resource type "${word}"`, suggestKind(word));
  }
}

/** The one object that a command is about. */
export function resourceOf(words: readonly string[], example: string): string {
  const found = resourcesOf(words, example);
  if (typeof found !== 'string' || !found.includes('/')) {
    throw new UsageError('one object must be named', `As in: kubectl ${example}`);
  }
  return found;
}

/** "node1 node2", "node/node1", or labels: what nodes a command of nodes is about. */
export function nodesOf(line: CommandLine, words: readonly string[], example: string): unknown {
  const selector = line.text('selector');
  if (selector !== undefined || line.boolean('all')) {
    return selector === undefined ? {} : selectorOf(selector);
  }
  if (words.length === 0) {
    throw new UsageError('at least one node must be named', `As in: kubectl ${example}`);
  }
  const names = words.map((word) => {
    const [type, name] = word.includes('/') ? word.split('/') : ['node', word];
    if (kindOfWord(type as string) !== 'Node') {
      throw new UsageError(`${JSON.stringify(word)} is no node`, `As in: kubectl ${example}`);
    }
    return name as string;
  });
  return names.length === 1 ? names[0] : names;
}

/** "app=web,tier!=db,env in (a,b),x,!y" as k8s 1.37 apimachinery pkg/labels Parse reads it. */
export function selectorOf(text: string): SelectorText {
  const matchExpressions = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => requirementOf(part, text));
  const isPlain = matchExpressions.every(({ operator, values }) => operator === 'In' && values?.length === 1);
  return (
    isPlain
      ? Object.fromEntries(matchExpressions.map(({ key, values }) => [key, values?.[0] as string]))
      : { matchExpressions }
  ) as SelectorText;
}

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

function requirementOf(part: string, whole: string): Requirement {
  const [, negated, key, , equals, value, word, list] =
    /^(!?)([^\s=!()]+)\s*((==?|!=)\s*(.*)|(in|notin)\s*\(([^)]*)\))?$/.exec(part) ?? [];
  if (key === undefined || (negated !== '' && (equals ?? word) !== undefined)) {
    throw new UsageError(`unable to parse requirement: ${JSON.stringify(whole)} is no label selector`);
  }
  if (equals !== undefined) {
    return { key, operator: equals === '!=' ? 'NotIn' : 'In', values: [value ?? ''] };
  }
  if (word !== undefined) {
    return { key, operator: word === 'in' ? 'In' : 'NotIn', values: (list ?? '').split(',').map((one) => one.trim()) };
  }
  return { key, operator: negated === '' ? 'Exists' : 'DoesNotExist' };
}

/** Splits "web=nginx:1 app/x" where pairs begin: resources first, then KEY=VALUE and, if there may be any, KEY-. */
export function splitPairs(
  words: readonly string[],
  what: 'annotation' | 'environment' | 'image' | 'label',
): { readonly resources: readonly string[]; readonly pairs: ReadonlyMap<string, string | null> } {
  const mayRemove = what !== 'image';
  const isPair = (word: string): boolean => word.includes('=') || (mayRemove && word.endsWith('-') && word.length > 1);
  const first = words.findIndex(isPair);
  const resources = first < 0 ? words : words.slice(0, first);
  const pairs = new Map<string, string | null>();
  for (const word of first < 0 ? [] : words.slice(first)) {
    if (!isPair(word)) {
      throw new UsageError(`all resources must be specified before ${what} changes: ${word}`);
    }
    const at = word.indexOf('=');
    pairs.set(at < 0 ? word.slice(0, -1) : word.slice(0, at), at < 0 ? null : word.slice(at + 1));
  }
  return { resources, pairs };
}

/** "cpu=200m,memory=512Mi". */
export function amountsOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) {
    return undefined;
  }
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name, amount, ...rest] = pair.split('=');
      if (!name || amount === undefined || rest.length > 0) {
        throw new UsageError(`invalid argument syntax ${JSON.stringify(pair)}, expected <resource>=<value>`);
      }
      return [name, amount];
    }),
  );
}
