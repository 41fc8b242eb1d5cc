/** Outcome of one call of a batch: the error, if it failed. */
export type CallEnded<E> = (error?: E) => void;

/**
 * Makes `count` calls in batches that start at `initialBatchSize` and double, each batch at once and after the whole one before;
 * a batch with a failure is the last. So a call that cannot work is tried once instead of `count` times.
 * pkg/controller/replicaset slowStartBatch. `then` is told how many calls succeeded and the first error.
 */
export function slowStartBatch<E>(
  count: number,
  initialBatchSize: number,
  call: (index: number, ended: CallEnded<E>) => void,
  then: (successes: number, error: E | undefined) => void,
): void {
  let successes = 0;
  let begun = 0;
  const runBatch = (wanted: number): void => {
    const size = Math.min(wanted, count - begun);
    if (size <= 0) {
      then(successes, undefined);
      return;
    }
    const first = begun;
    begun += size;
    let open = size;
    let failure: E | undefined;
    for (let index = first; index < first + size; index++) {
      call(index, (error) => {
        if (error === undefined) {
          successes++;
        } else {
          failure ??= error;
        }
        if (--open > 0) {
          return;
        }
        if (failure === undefined) {
          runBatch(size * 2);
        } else {
          then(successes, failure);
        }
      });
    }
  };
  runBatch(initialBatchSize);
}
