import * as z from 'zod';
import { mistake, strict } from './shapes.js';
import { duration, micros } from './values.js';

const condition = z.string().min(1).describe("A condition in CEL over the cluster's objects.");

/** Something that must hold of the run. Exactly one of at, within, eventually, always says when. */
export const expectation = strict({
  name: z.string().optional().describe('What the condition means, for reports.'),
  that: condition,
  at: duration.optional().describe('It holds at this time.'),
  within: duration.optional().describe('It becomes true at most so long after `after`.'),
  after: duration.optional().describe('From when the expectation counts. Left out: the start of the run.'),
  until: duration.optional().describe('Until when `always` and `eventually` count. Left out: the end of the run.'),
  eventually: z.literal(true).optional().describe('It is true at some time.'),
  always: z.literal(true).optional().describe('It is true all the time.'),
}).superRefine((found, ctx) => {
  const modes = (['at', 'within', 'eventually', 'always'] as const).filter((mode) => found[mode] !== undefined);
  if (modes.length !== 1) {
    const message = modes.length === 0 ? 'when must it hold?' : `${modes.join(' and ')} exclude each other`;
    mistake(
      ctx,
      modes.length === 0 ? 'MISSING_FIELD' : 'BAD_VALUE',
      message,
      'Give one of at: 5m, within: 8m, eventually: true, always: true',
    );
  }
  if (found.at !== undefined && (found.after !== undefined || found.until !== undefined)) {
    mistake(ctx, 'BAD_VALUE', '`at` is one instant: it has no after and until');
  }
  if (found.within !== undefined && found.until !== undefined) {
    mistake(ctx, 'BAD_VALUE', '`within` says the end: it has no until');
  }
  if (found.after !== undefined && found.until !== undefined && readable(found.after) >= readable(found.until)) {
    mistake(ctx, 'BAD_VALUE', `until ${found.until} is not later than after ${found.after}`, undefined, ['until']);
  }
});

const readable = (text: string | number): number => (duration.safeParse(text).success ? micros(text) : Number.NaN);

export type ExpectationText = z.infer<typeof expectation>;
