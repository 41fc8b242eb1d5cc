/**
 * Whether two values of the API say the same: absent, undefined and an empty list are one (they are stored as the same bytes).
 * Parts that are the same object are not looked into, so comparing an object with its next version costs little.
 */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return isSameList(a ?? [], b ?? []);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return false;
  }
  return isSameObject(a, b);
}

function isSameList(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSameValue(item, b[i]));
}

function isSameObject(a: object, b: object): boolean {
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const field in left) {
    if (!isSameValue(left[field], right[field])) {
      return false;
    }
  }
  for (const field in right) {
    if (!(field in left) && !isSameValue(undefined, right[field])) {
      return false;
    }
  }
  return true;
}
