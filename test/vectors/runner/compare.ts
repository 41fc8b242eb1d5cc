import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './adapter.js';

/** JSON values compared; undefined and absent fields are the same, as in JSON. */
export function compare(id: string, expected: unknown, found: unknown): Outcome {
  const difference = firstDifference(toJson(expected), toJson(found), '');
  return difference === undefined ? { id, equal: true } : { id, equal: false, difference };
}

const toJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function firstDifference(expected: unknown, found: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(expected, found)) {
    return undefined;
  }
  if (isObject(expected) && isObject(found) && Array.isArray(expected) === Array.isArray(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    for (const key of keys) {
      const difference = firstDifference(expected[key], found[key], path === '' ? key : `${path}.${key}`);
      if (difference !== undefined) {
        return difference;
      }
    }
  }
  return `${path || 'value'}: expected ${show(expected)}, found ${show(found)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
