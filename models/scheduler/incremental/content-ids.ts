const byObject = new WeakMap<object, number>();
const byText = new Map<string, number>();
/** Distinct contents remembered; beyond it numbers begin anew and nothing is found equal to what was before. */
const LIMIT = 100_000;
let last = 0;

/** A number that two values share when their JSON is equal; pods of one template mostly share the very objects. */
export function contentId(value: object | undefined): number {
  if (value === undefined) {
    return 0;
  }
  let id = byObject.get(value);
  if (id === undefined) {
    const text = JSON.stringify(value);
    id = byText.get(text);
    if (id === undefined) {
      if (byText.size >= LIMIT) {
        byText.clear();
      }
      id = ++last;
      byText.set(text, id);
    }
    byObject.set(value, id);
  }
  return id;
}
