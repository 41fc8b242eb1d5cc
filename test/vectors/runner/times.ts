import type { Micros } from '../../../engine/index.js';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Microseconds since 1970: any fixed origin serves, since decisions only compare instants. */
export const microsOf = (text: string): Micros => Date.parse(text) * 1_000;

/** A recorded API object as the simulator holds it: times are Micros, and what is null is absent. */
export function asObject<T>(recorded: unknown): T {
  return convert(recorded) as T;
}

function convert(value: unknown): unknown {
  if (typeof value === 'string') {
    return RFC_3339.test(value) ? microsOf(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map(convert);
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== null);
    return Object.fromEntries(fields.map(([key, field]) => [key, convert(field)]));
  }
  return value;
}
