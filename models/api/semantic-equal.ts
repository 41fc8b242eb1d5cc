/**
 * Whether two values mean the same in an API object: absent, empty lists and empty maps are one.
 * As equality.Semantic.DeepEqual (k8s.io/apimachinery pkg/api/equality) on objects whose quantities are in canonical form.
 */
export function semanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => semanticallyEqual(item, b[i]));
  }
  return isMap(a) && isMap(b) ? isSameMap(a, b) : isEmpty(a) && isEmpty(b);
}

type AnyMap = Readonly<Record<string, unknown>>;

function isSameMap(a: AnyMap, b: AnyMap): boolean {
  for (const key in a) {
    if (!semanticallyEqual(a[key], b[key])) {
      return false;
    }
  }
  for (const key in b) {
    if (!(key in a) && !isEmpty(b[key])) {
      return false;
    }
  }
  return true;
}

const isMap = (value: unknown): value is AnyMap => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What Go's zero values cannot be told from: nothing, an empty list, an empty map. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.values(value).every((field) => field === undefined));
