/** A point of a scoring function: utilization in percent, score from 0 to 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** MaxNodeScore over MaxCustomPriorityScore. */
const SCORE_SCALE = 10;

/** Straight lines between the points, in whole numbers, level outside. As BuildBrokenLinearFunction. */
export function piecewiseLinear(shape: readonly ShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization, score }) => ({ x: utilization, y: score * SCORE_SCALE }));
  return (utilization) => {
    let before = points[0];
    for (const point of points) {
      if (utilization <= point.x) {
        if (before === undefined || before === point) {
          return point.y;
        }
        return before.y + Math.trunc(((point.y - before.y) * (utilization - before.x)) / (point.x - before.x));
      }
      before = point;
    }
    return before?.y ?? 0;
  };
}
