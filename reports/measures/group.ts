/** Items by a key, in the order given; keys in the order in which they first occur. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const own = groups.get(key);
    own === undefined ? groups.set(key, [item]) : own.push(item);
  }
  return groups;
}
