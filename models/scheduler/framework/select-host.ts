/**
 * Who wins among equal totals. 'heap': the root of the binary heap that kube-scheduler builds since 1.35, a pure function of
 * the order of the feasible nodes; 'reservoir': any of the best with equal chance, as before.
 */
export type TieRule = 'heap' | 'reservoir';

/**
 * Index of the root after Go's container/heap.Init over these totals, larger first.
 * As sortedNodes (pkg/scheduler/framework/sorted_nodes.go); proved equal to: a parent keeps its place unless a child is
 * strictly better, and of two children the left one goes first unless the right one is strictly better.
 */
export function heapRoot(totals: ArrayLike<number>): number {
  const count = totals.length;
  const winners = new Int32Array(count);
  for (let i = count - 1; i >= 0; i--) {
    let winner = i;
    const left = 2 * i + 1;
    if (left < count) {
      let child = winners[left] as number;
      const right = left + 1;
      if (right < count && (totals[winners[right] as number] as number) > (totals[child] as number)) {
        child = winners[right] as number;
      }
      if ((totals[child] as number) > (totals[i] as number)) {
        winner = child;
      }
    }
    winners[i] = winner;
  }
  return winners[0] as number;
}

/** Index of one of the largest totals, chosen by a uniform draw from [0, 1). As selectHost until 1.34. */
export function oneOfTheBest(totals: ArrayLike<number>, uniform: () => number): number {
  let best = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < totals.length; i++) {
    const total = totals[i] as number;
    if (total > best) {
      best = total;
      count = 1;
    } else if (total === best) {
      count++;
    }
  }
  let nth = count === 1 ? 0 : Math.floor(uniform() * count);
  for (let i = 0; ; i++) {
    if (totals[i] === best && nth-- === 0) {
      return i;
    }
  }
}
