/** Keeps those that have most of something, in the order given, and says how many are left out. */
export function keepMost<T>(
  items: readonly T[],
  most: number,
  weight: (item: T) => number,
  what: string,
): { readonly kept: readonly T[]; readonly note: string } {
  const places = items.map((_, place) => place).sort((a, b) => weightAt(b) - weightAt(a) || a - b);
  const kept = new Set(places.slice(0, most));
  const left = items.length - kept.size;
  return {
    kept: items.filter((_, place) => kept.has(place)),
    note: left === 0 ? '' : ` Shown are the ${kept.size} ${what} with the most changes; ${left} more are left out.`,
  };

  function weightAt(place: number): number {
    return weight(items[place] as T);
  }
}
