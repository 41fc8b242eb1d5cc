/** Whole numbers from `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Completion indexes in ascending order, neighbours merged. As orderedIntervals (pkg/controller/job/indexed_job_utils.go). */
export type Indexes = readonly Interval[];

const integerOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;

/** Reads "0-2,5"; what is no number is passed over, what lies beyond the completions ends it. As parseIndexesFromString. */
export function parseIndexes(text: string, completions: number): Indexes {
  const intervals: Interval[] = [];
  if (text === '') {
    return intervals;
  }
  for (const part of text.split(',')) {
    const limits = part.split('-');
    const first = integerOf(limits[0]);
    if (first === undefined) {
      continue;
    }
    if (first >= completions) {
      break;
    }
    const given = limits.length > 1 ? integerOf(limits[1]) : first;
    if (given === undefined) {
      continue;
    }
    const last = Math.min(given, completions - 1);
    const previous = intervals.at(-1);
    if (previous && previous.last === first - 1) {
      intervals[intervals.length - 1] = { first: previous.first, last };
    } else {
      intervals.push({ first, last });
    }
  }
  return intervals;
}

export const formatIndexes = (indexes: Indexes): string =>
  indexes
    .map(({ first, last }) => (last <= first ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');

export const countIndexes = (indexes: Indexes): number =>
  indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** As orderedIntervals.has: a binary search, which presumes order. */
export function hasIndex(indexes: Indexes, index: number): boolean {
  let [low, high] = [0, indexes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((indexes[middle] as Interval).last >= index) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low < indexes.length && (indexes[low] as Interval).first <= index;
}

/** Both together. As orderedIntervals.merge. */
export function mergeIndexes(a: Indexes, b: Indexes): Indexes {
  const merged: Interval[] = [];
  const add = (interval: Interval): void => {
    const last = merged.at(-1);
    if (last === undefined || interval.first > last.last + 1) {
      merged.push(interval);
    } else if (last.last < interval.last) {
      merged[merged.length - 1] = { first: last.first, last: interval.last };
    }
  };
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    add((a[i] as Interval).first < (b[j] as Interval).first ? (a[i++] as Interval) : (b[j++] as Interval));
  }
  for (const rest of [...a.slice(i), ...b.slice(j)]) {
    add(rest);
  }
  return merged;
}

/** With these indexes, which must be in ascending order. As withOrderedIndexes. */
export const withIndexes = (indexes: Indexes, added: readonly number[]): Indexes =>
  mergeIndexes(
    indexes,
    added.map((index) => ({ first: index, last: index })),
  );

/** How many of `wanted` are in `indexes`. */
export function countCommon(wanted: Indexes, indexes: Indexes): number {
  let common = 0;
  let [i, j] = [0, 0];
  while (i < wanted.length && j < indexes.length) {
    const [a, b] = [wanted[i] as Interval, indexes[j] as Interval];
    common += Math.max(0, Math.min(a.last, b.last) - Math.max(a.first, b.first) + 1);
    i += Number(a.last <= b.last);
    j += Number(b.last <= a.last);
  }
  return common;
}

/** The lowest indexes that are not taken. As firstPendingIndexes. */
export function lowestFree(taken: Indexes, count: number, completions: number): readonly number[] {
  const free: number[] = [];
  let candidate = 0;
  for (const { first, last } of taken) {
    for (; candidate < completions && free.length < count && candidate < first; candidate++) {
      free.push(candidate);
    }
    candidate = Math.max(candidate, last + 1);
  }
  for (; candidate < completions && free.length < count; candidate++) {
    free.push(candidate);
  }
  return free;
}
