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
export function heapRoot(totals: ArrayLike<number>, count = totals.length): number {
  if (winners.length < count) {
    winners = new Int32Array(count);
  }
  return fillWinners(totals, count, winners);
}

let winners = new Int32Array(1024);

/** Writes who wins in the subtree of each index; answers who wins in the whole. */
export function fillWinners(totals: ArrayLike<number>, count: number, winners: Int32Array): number {
  for (let i = count - 1; i >= 0; i--) {
    winners[i] = winnerAt(totals, count, winners, i);
  }
  return winners[0] as number;
}

/** The same after the total of one index has changed: only the subtrees that it is in. */
export function updateWinners(totals: ArrayLike<number>, count: number, winners: Int32Array, changed: number): void {
  for (let i = changed; ; i = (i - 1) >> 1) {
    winners[i] = winnerAt(totals, count, winners, i);
    if (i === 0) {
      return;
    }
  }
}

function winnerAt(totals: ArrayLike<number>, count: number, winners: Int32Array, i: number): number {
  const left = 2 * i + 1;
  if (left >= count) {
    return i;
  }
  let child = winners[left] as number;
  const right = left + 1;
  if (right < count) {
    const other = winners[right] as number;
    child = (totals[other] as number) > (totals[child] as number) ? other : child;
  }
  return (totals[child] as number) > (totals[i] as number) ? child : i;
}

/** Index of one of the largest totals, chosen by a uniform draw from [0, 1). As selectHost until 1.34. */
export function oneOfTheBest(totals: ArrayLike<number>, uniform: () => number, length = totals.length): number {
  let best = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < length; i++) {
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
