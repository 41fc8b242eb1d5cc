/** One figure of a benchmark. Rates are per second of processor time, so that a busy machine disturbs them least. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What was aimed at, as text: "≥ 10", "≤ 10". */
  readonly goal?: string;
}

export interface Benchmark {
  readonly name: string;
  readonly help: string;
  run(): Iterable<Figure>;
}

/** Processor seconds (user and system) that `work` takes. */
export function processorSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Wall seconds that `work` takes. */
export function wallSeconds(work: () => void): number {
  const before = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - before) / 1e9;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;
