import { constant, type Distribution, draw, entityKey, type Micros, type Simulation } from '../../engine/index.js';
import type { TracePods } from '../sources/trace.js';
import type { Arrival, Workload } from './workload.js';

export interface TraceOptions {
  readonly name: string;
  readonly pods: TracePods;
  /** Gaps in place of the recorded arrivals. */
  readonly every: Distribution | undefined;
  readonly isShuffled: boolean;
}

/** Pods of a trace: each arrives when it did, and its containers end with 0 after its duration. */
export function traceWorkload(options: TraceOptions): Workload {
  const { name, pods } = options;
  let durations: ReadonlyMap<string, Micros> | undefined;
  return {
    name,
    namespaces: pods.namespaces,
    begin: (simulation) => arrivals(simulation, options),
    behaviourOf: ({ key }) => {
      durations ??= durationsOf(pods);
      const duration = durations.get(key);
      return duration === undefined ? undefined : { exits: [{ after: constant(duration), code: 0 }] };
    },
  };
}

function durationsOf(pods: TracePods): ReadonlyMap<string, Micros> {
  const durations = new Map<string, Micros>();
  for (let i = 0; i < pods.count; i++) {
    if (pods.durationOf(i) < Number.POSITIVE_INFINITY) {
      durations.set(pods.keyOf(i), pods.durationOf(i));
    }
  }
  return durations;
}

function* arrivals(
  simulation: Simulation,
  { name, pods, every, isShuffled }: TraceOptions,
): Generator<Arrival, undefined> {
  const stream = simulation.stream('trace arrivals');
  const key = entityKey(name);
  const order = isShuffled ? shuffled(simulation, name, pods.count) : undefined;
  let last: Micros = 0;
  for (let i = 0; i < pods.count; i++) {
    const index = order?.[i] ?? i;
    const at: Micros =
      every === undefined ? pods.arrivalOf(index) : last + Math.max(0, Math.round(draw(stream, key, i, every)));
    last = at;
    yield { at, kind: 'Pod', object: pods.podOf(index) };
  }
}

/** Fisher and Yates' shuffle by the run's seed. */
function shuffled(simulation: Simulation, name: string, count: number): Uint32Array {
  const stream = simulation.stream('trace order');
  const key = entityKey(name);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(stream.uniform(key, i) * (i + 1));
    [order[i], order[other]] = [order[other] as number, order[i] as number];
  }
  return order;
}
