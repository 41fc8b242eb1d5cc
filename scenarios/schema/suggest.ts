/** The known name that a mistyped one most likely meant: at most a third of its letters wrong; at a tie, one with letters added. */
export function closest(found: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(found.length / 3)) + 1;
  let best: string | undefined;
  let bestRank = limit;
  for (const name of known) {
    const distance = editDistance(found.toLowerCase(), name.toLowerCase(), limit);
    const rank = distance - (name.length > found.length ? 0.5 : 0);
    if (distance < limit && rank < bestRank) {
      best = name;
      bestRank = rank;
    }
  }
  return best;
}

/** 'Did you mean "node-3"?'; when nothing is near, the known names if they are few. */
export function didYouMean(found: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const near = closest(found, names);
  if (near !== undefined) {
    return `Did you mean "${near}"?`;
  }
  return names.length > 0 && names.length <= 20 ? `Known: ${names.join(', ')}` : undefined;
}

/** Optimal string alignment distance (a swap of neighbours costs one), given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) {
    return limit;
  }
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (beforeLast[j - 2] as number) + 1);
      }
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
