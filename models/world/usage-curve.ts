import type { Micros } from '../../engine/time/micros.js';
import type { UsageCurve } from './behaviour.js';

/** A straight stretch of a curve; it ends where the next one begins. */
interface Piece {
  /** From the start of the curve. */
  readonly at: Micros;
  readonly value: number;
  /** Units per microsecond. */
  readonly slope: number;
}

/** A curve laid out in time: what one source uses from `since` on. Linear between breakpoints, so crossings are computed. */
export interface Usage {
  readonly since: Micros;
  readonly pieces: readonly Piece[];
}

export const usageFrom = (curve: UsageCurve, since: Micros): Usage => ({ since, pieces: piecesOf(curve) });

function piecesOf(curve: UsageCurve): readonly Piece[] {
  const { points } = curve;
  return points === undefined || points.length === 0 ? growingPieces(curve) : piecesThrough(curve.base, points);
}

function growingPieces({ base, growthPerSecond, limit }: UsageCurve): readonly Piece[] {
  const slope = (growthPerSecond ?? 0) / 1_000_000;
  if (slope === 0) {
    return [{ at: 0, value: base, slope: 0 }];
  }
  // A shrinking curve ends at nothing if no limit says otherwise.
  const end = limit ?? (slope < 0 ? 0 : Number.POSITIVE_INFINITY);
  const until = (end - base) / slope;
  if (until <= 0) {
    return [{ at: 0, value: end, slope: 0 }];
  }
  const growing = { at: 0, value: base, slope };
  return until === Number.POSITIVE_INFINITY ? [growing] : [growing, { at: until, value: end, slope: 0 }];
}

function piecesThrough(base: number, points: NonNullable<UsageCurve['points']>): readonly Piece[] {
  const corners = (points[0]?.at ?? 0) > 0 ? [{ at: 0, value: base }, ...points] : points;
  const pieces: Piece[] = [];
  corners.forEach(({ at, value }, i) => {
    const next = corners[i + 1];
    if (next === undefined) {
      pieces.push({ at, value, slope: 0 });
    } else if (next.at > at) {
      pieces.push({ at, value, slope: (next.value - value) / (next.at - at) });
    }
  });
  return pieces;
}

/** What all sources together use at an instant. */
export function usageAt(usages: readonly Usage[], at: Micros): number {
  let sum = 0;
  for (const usage of usages) {
    const piece = pieceAt(usage, at);
    sum += piece === undefined ? 0 : piece.value + piece.slope * (at - usage.since - piece.at);
  }
  return sum;
}

/** The first instant ≥ `from` at which the sources together use `threshold` or more; Infinity when that never comes. */
export const firstReaching = (usages: readonly Usage[], threshold: number, from: Micros): Micros =>
  firstCrossing(usages, threshold, 1, from);

/** What tells "less" from "as much", in bytes; far below one, and far above what doubles lose on a machine's memory. */
const LESS = 1e-3;

/** The first instant ≥ `from` at which the sources together use less than `threshold`; Infinity when that never comes. */
export const firstBelow = (usages: readonly Usage[], threshold: number, from: Micros): Micros =>
  firstCrossing(usages, threshold - LESS, -1, from);

/** The first instant ≥ `from` at which the usage stands at the threshold or beyond it: above (1) or below (-1). */
function firstCrossing(usages: readonly Usage[], threshold: number, side: 1 | -1, from: Micros): Micros {
  for (let start = from; ; ) {
    const missing = side * (threshold - usageAt(usages, start));
    if (missing <= 0) {
      return start;
    }
    const end = nextBreakpoint(usages, start);
    const speed = side * slopeAt(usages, start);
    // A millionth of a microsecond is the rounding of the division, not a later crossing.
    const crossing = speed > 0 ? start + Math.ceil(missing / speed - 1e-6) : Number.POSITIVE_INFINITY;
    if (crossing < end || end === Number.POSITIVE_INFINITY) {
      return crossing;
    }
    start = end;
  }
}

/** The first whole microsecond after `at` at which some source begins or bends; Infinity when all go straight on. */
function nextBreakpoint(usages: readonly Usage[], at: Micros): Micros {
  let next = Number.POSITIVE_INFINITY;
  for (const { since, pieces } of usages) {
    for (const piece of pieces) {
      const bend = Math.ceil(since + piece.at);
      if (bend > at) {
        next = Math.min(next, bend);
        break;
      }
    }
  }
  return next;
}

const slopeAt = (usages: readonly Usage[], at: Micros): number =>
  usages.reduce((sum, usage) => sum + (pieceAt(usage, at)?.slope ?? 0), 0);

function pieceAt({ since, pieces }: Usage, at: Micros): Piece | undefined {
  let found: Piece | undefined;
  for (const piece of pieces) {
    if (since + piece.at > at) {
      break;
    }
    found = piece;
  }
  return found;
}

/** The same until `at`, and from then on what it stood at. */
export function haltedAt(usage: Usage, at: Micros): Usage {
  const { since, pieces } = usage;
  const before = pieces.filter((piece) => since + piece.at < at);
  return { since, pieces: [...before, { at: at - since, value: usageAt([usage], at), slope: 0 }] };
}

/** The same, but never more than `most`. */
export function limitedTo(curve: UsageCurve, most: number): UsageCurve {
  const points = curve.points?.map(({ at, value }) => ({ at, value: Math.min(value, most) }));
  return {
    base: Math.min(curve.base, most),
    ...(curve.growthPerSecond !== undefined && { growthPerSecond: curve.growthPerSecond }),
    limit: (curve.growthPerSecond ?? 0) < 0 ? (curve.limit ?? 0) : Math.min(curve.limit ?? most, most),
    ...(points !== undefined && { points }),
  };
}

/** The same, `factor` times as much. */
export const scaledBy = ({ since, pieces }: Usage, factor: number): Usage => ({
  since,
  pieces: pieces.map(({ at, value, slope }) => ({ at, value: value * factor, slope: slope * factor })),
});

/** What all sources together use from one instant to another (units × microseconds), at no instant more than `limit`. */
export function usedBetween(
  usages: readonly Usage[],
  from: Micros,
  to: Micros,
  limit: number = Number.POSITIVE_INFINITY,
): number {
  let used = 0;
  for (let at = from; at < to; ) {
    const end = Math.min(to, nextBreakpoint(usages, at));
    used += areaUnder(usageAt(usages, at), slopeAt(usages, at), end - at, limit);
    at = end;
  }
  return used;
}

/** Under a straight line that begins at `value`, cut off at `limit`. */
function areaUnder(value: number, slope: number, length: Micros, limit: number): number {
  const end = value + slope * length;
  const whole = ((value + end) / 2) * length;
  const above = Math.max(value, end) - limit;
  if (above <= 0) {
    return whole;
  }
  // What lies above the limit is a triangle, or the whole length when both ends do.
  const below = limit - Math.min(value, end);
  return below <= 0 ? limit * length : whole - (above * (above / Math.abs(slope))) / 2;
}
