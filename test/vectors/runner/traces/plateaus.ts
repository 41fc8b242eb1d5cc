import type { Change } from './series.js';

/** A value that held for a while: what a burst of changes came to. */
export interface Plateau {
  readonly value: string;
  /** Seconds at which it was reached. */
  readonly t: number;
}

/** Shorter than this is a step inside a burst: how bursts are batched is a matter of milliseconds. */
const LEAST_HOLD_SECONDS = 1;

/** The values that held at least a second between zero and `end`, the one in force at zero included (as reached at 0). */
export function plateausOf(changes: readonly Change[], end: number): readonly Plateau[] {
  const started = changes.filter((change) => change.t < 0).at(-1);
  const inWindow = changes.filter((change) => change.t >= 0 && change.t <= end);
  const all = started ? [{ t: 0, value: started.value }, ...inWindow] : inWindow;
  const held = all.filter((change, i) => (all[i + 1]?.t ?? end) - change.t >= LEAST_HOLD_SECONDS);
  const plateaus: Plateau[] = [];
  for (const { t, value } of held) {
    if (plateaus.at(-1)?.value !== value) {
      plateaus.push({ value, t });
    }
  }
  return plateaus;
}
