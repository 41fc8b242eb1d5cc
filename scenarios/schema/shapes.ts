import * as z from 'zod';
import type { ErrorCode } from './errors.js';
import { didYouMean } from './suggest.js';

/** Lines of one zod message: the first says what is wrong, a second what was most likely meant. */
const HINT = '\n';

export const withHint = (message: string, hint: string | undefined): string =>
  hint === undefined ? message : `${message}${HINT}${hint}`;

export function splitHint(message: string): { message: string; hint: string | undefined } {
  const [first, ...rest] = message.split(HINT);
  return { message: first as string, hint: rest.length > 0 ? rest.join(HINT) : undefined };
}

/** What zod's `params` carry for a mistake that we found ourselves. */
export interface MistakeParams {
  readonly code: ErrorCode;
}

export function mistake(
  ctx: z.RefinementCtx,
  code: ErrorCode,
  message: string,
  hint?: string,
  path?: PropertyKey[],
): void {
  const params: MistakeParams = { code };
  ctx.addIssue({ code: 'custom', message: withHint(message, hint), params: { ...params }, ...(path ? { path } : {}) });
}

/** An object that refuses unknown fields and says which known one was most likely meant: a line per field. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? (issue.keys as string[]).map((key) => didYouMean(key, known) ?? '').join(HINT)
        : undefined,
  });
}

const OPTIONS = new WeakMap<object, readonly z.ZodType[]>();

/**
 * One of several forms, chosen by looking at the value, so that a mistake is told for the form that was meant and not for
 * every form there is. `choose` answers the form, or reports why there is none.
 */
export function chosen<const Options extends readonly z.ZodType[]>(
  options: Options,
  choose: (value: unknown, ctx: z.RefinementCtx) => z.ZodType | undefined,
): z.ZodType<z.output<Options[number]>, z.output<Options[number]>> {
  const schema = z
    .custom<z.output<Options[number]>>(() => true)
    .superRefine((value, ctx) => {
      const result = choose(value, ctx)?.safeParse(value, { reportInput: true });
      for (const issue of result?.error?.issues ?? []) {
        ctx.issues.push({ ...issue, input: issue.input, continue: true } as z.core.$ZodRawIssue);
      }
    });
  OPTIONS.set(schema, options);
  return schema;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON Schema of a type, for editors. */
export function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    unrepresentable: 'any',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const options = OPTIONS.get(zodSchema);
      if (options) {
        jsonSchema.anyOf = options.map((option) => {
          const { $schema: _, ...rest } = toJsonSchema(option);
          return rest;
        });
      }
    },
  }) as Record<string, unknown>;
}
