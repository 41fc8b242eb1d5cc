import type * as z from 'zod';
import type { YamlDocument } from '../sources/yaml.js';
import { type ErrorCode, formatPath, type Path, type Problem, type Problems } from './errors.js';
import { type MistakeParams, splitHint } from './shapes.js';
import { didYouMean } from './suggest.js';

/** Where a value that is being checked came from. */
export interface Origin {
  readonly file?: string | undefined;
  readonly document?: Pick<YamlDocument, 'locate'> | undefined;
}

/** A problem at a path of a document, with its line and column. */
export function problemAt(
  origin: Origin,
  path: Path,
  problem: { readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined },
  of: 'key' | 'value' = 'value',
): Problem {
  return {
    ...problem,
    file: origin.file,
    position: origin.document?.locate(path, of),
    path: formatPath(path),
  };
}

/** Checks a value against its type and turns what does not fit into problems. The value, or undefined when it does not fit. */
export function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  problems: Problems,
  at: (path: Path) => { readonly origin: Origin; readonly path: Path },
): T | undefined {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) {
    return result.data;
  }
  for (const issue of result.error.issues) {
    for (const found of readIssue(issue)) {
      const { origin, path } = at(found.path);
      problems.add(problemAt(origin, path, found, found.of));
    }
  }
  return undefined;
}

interface Found {
  readonly path: Path;
  readonly of: 'key' | 'value';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

function readIssue(issue: z.core.$ZodIssue): readonly Found[] {
  const path = issue.path as Path;
  const one = (code: ErrorCode, message: string, hint?: string): readonly Found[] => [
    { path, of: 'value', code, message, hint },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const hints = issue.message.split('\n');
      return issue.keys.map((key, i) => ({
        path: [...path, key],
        of: 'key',
        code: 'UNKNOWN_FIELD',
        message: 'this field does not exist here',
        hint: hints[i] || undefined,
      }));
    }
    case 'invalid_type':
      return issue.input === undefined
        ? one('MISSING_FIELD', `missing: ${article(issue.expected)} must stand here`)
        : one(
            'WRONG_TYPE',
            `expected ${article(issue.expected)}, found ${describe(issue.input)}`,
            issue.expected === 'string' && isBare(issue.input) ? QUOTE_IT : undefined,
          );
    case 'invalid_value': {
      const fits = issue.values.map(String);
      return issue.input === undefined
        ? one('MISSING_FIELD', `missing: expected ${fits.map((v) => JSON.stringify(v)).join(' or ')}`)
        : one('BAD_VALUE', `${describe(issue.input)} does not fit`, didYouMean(String(issue.input), fits));
    }
    case 'too_small':
      return one(
        'BAD_VALUE',
        `${describe(issue.input)} is too small: ${bound(issue.origin, 'at least', issue.minimum)}`,
      );
    case 'too_big':
      return one(
        'BAD_VALUE',
        `${describe(issue.input)} is too large: ${bound(issue.origin, 'at most', issue.maximum)}`,
      );
    case 'custom': {
      const { message, hint } = splitHint(issue.message);
      return one((issue.params as MistakeParams | undefined)?.code ?? 'BAD_VALUE', message, hint);
    }
    case 'invalid_union': {
      const missing = issue.input === undefined;
      const { message, hint } = splitHint(issue.message);
      return missing
        ? one('MISSING_FIELD', `missing: ${message}`, hint)
        : one('WRONG_TYPE', `${message}, found ${describe(issue.input)}`, hint);
    }
    default:
      return one('BAD_VALUE', `${describe(issue.input)} does not fit: ${issue.message}`);
  }
}

const bound = (origin: string, word: string, limit: number | bigint): string =>
  origin === 'array' ? `${word} ${limit} entries` : `${word} ${limit}`;

const ARTICLES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  record: 'a mapping',
  string: 'a text',
};

const article = (type: string): string => ARTICLES[type] ?? type;

/** YAML 1.1, which kubectl reads too, takes more words for something else than people expect. */
const QUOTE_IT = 'Write it in quotes: YAML reads y, n, yes, no, on and off as true or false, and digits as a number';
const isBare = (value: unknown): boolean => typeof value === 'boolean' || typeof value === 'number';

const LONGEST_SHOWN = 60;

/** A found value, short enough for a message. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty list' : 'a list';
  }
  if (typeof value === 'object' && value !== null) {
    return 'a mapping';
  }
  if (value === null || value === undefined) {
    return 'nothing';
  }
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
