import { toSeconds } from '../../engine/index.js';
import type { RunResult } from './run.js';

/** Fields of a result that hold virtual times, in Micros. */
const TIME_FIELD = /^(at|ranUntil|.*At)$/;

/** The result as summary.json has it: virtual times become seconds, in fields that say so (`atSeconds`). */
export function toSummary(result: RunResult): Record<string, unknown> {
  return convert(result) as Record<string, unknown>;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(convert);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) =>
      typeof part === 'number' && TIME_FIELD.test(key) ? [`${key}Seconds`, toSeconds(part)] : [key, convert(part)],
    ),
  );
}
