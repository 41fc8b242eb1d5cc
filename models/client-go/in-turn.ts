import type { CallEnded } from './slow-start.js';

/** Makes a call for each item, each after the one before has ended; the first failure is the last call. */
export function inTurn<T, E>(
  items: readonly T[],
  call: (item: T, ended: CallEnded<E>) => void,
  then: (error: E | undefined) => void,
): void {
  const callFrom = (index: number): void => {
    if (index >= items.length) {
      then(undefined);
      return;
    }
    call(items[index] as T, (error) => {
      if (error === undefined) {
        callFrom(index + 1);
      } else {
        then(error);
      }
    });
  };
  callFrom(0);
}

/** Makes a call for each item at once; tells the first failure when all have ended. */
export function allAtOnce<T, E>(
  items: readonly T[],
  call: (item: T, ended: CallEnded<E>) => void,
  then: (error: E | undefined) => void,
): void {
  let open = items.length;
  let failure: E | undefined;
  if (open === 0) {
    then(undefined);
    return;
  }
  for (const item of items) {
    call(item, (error) => {
      failure ??= error;
      if (--open === 0) {
        then(failure);
      }
    });
  }
}
