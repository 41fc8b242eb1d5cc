/**
 * Works on all items, at most `workers` at a time, in their order; `then` once all are done.
 * As workqueue.ParallelizeUntil (k8s.io/client-go util/workqueue).
 */
export function inParallel<T>(
  items: readonly T[],
  workers: number,
  work: (item: T, done: () => void) => void,
  then: () => void,
): void {
  let next = 0;
  let busy = 0;
  let isLooping = false;
  const loop = (): void => {
    isLooping = true;
    while (busy < workers && next < items.length) {
      busy++;
      work(items[next++] as T, () => {
        busy--;
        if (!isLooping) {
          loop();
        }
      });
    }
    isLooping = false;
    if (busy === 0 && next === items.length) {
      next++;
      then();
    }
  };
  loop();
}
