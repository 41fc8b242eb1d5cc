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
  if (isMap(a) && isMap(b)) {
    return (
      Object.keys(a).every((key) => semanticallyEqual(a[key], b[key])) &&
      Object.keys(b).every((key) => key in a || isEmpty(b[key]))
    );
  }
  return isEmpty(a) && isEmpty(b);
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What Go's zero values cannot be told from: nothing, an empty list, an empty map. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.values(value).every((field) => field === undefined));
