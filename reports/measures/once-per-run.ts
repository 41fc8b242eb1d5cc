import type { MeasuredRun } from './measure.js';

/** Computes something of a run when it is first asked for, and answers the same after that: many figures read it. */
export function oncePerRun<T>(compute: (run: MeasuredRun) => T): (run: MeasuredRun) => T {
  const known = new WeakMap<MeasuredRun, { readonly value: T }>();
  return (run) => {
    const found = known.get(run) ?? { value: compute(run) };
    known.set(run, found);
    return found.value;
  };
}
