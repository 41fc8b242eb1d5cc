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

/** By the function inside the schema, which survives when zod copies a schema to describe or refine it. */
const OPTIONS = new WeakMap<object, readonly z.ZodType[]>();

/**
 * One of several forms, chosen by looking at the value, so that a mistake is told for the form that was meant and not for
 * every form there is. `choose` answers the form, or reports why there is none.
 */
export function chosen<const Options extends readonly z.ZodType[]>(
  options: Options,
  choose: (value: unknown, ctx: z.RefinementCtx) => z.ZodType | undefined,
): z.ZodType<z.output<Options[number]>, z.output<Options[number]>> {
  const anything = (): boolean => true;
  OPTIONS.set(anything, options);
  return z.custom<z.output<Options[number]>>(anything).superRefine((value, ctx) => {
    const result = choose(value, ctx)?.safeParse(value, { reportInput: true });
    for (const issue of result?.error?.issues ?? []) {
      ctx.issues.push({ ...issue, input: issue.input, continue: true } as z.core.$ZodRawIssue);
    }
  });
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type JsonObject = Record<string, unknown>;

/** The JSON Schema of a type. Forms that may be chosen from stand once, under $defs; or in each place, when `isInline`. */
export function toJsonSchema(schema: z.ZodType, isInline = false): JsonObject {
  const forms = new Map<readonly z.ZodType[], string>();
  const definitions: Record<string, JsonObject> = {};
  const convert = (type: z.ZodType): JsonObject => {
    const { $schema: _, ...converted } = z.toJSONSchema(type, {
      unrepresentable: 'any',
      io: 'input',
      override: ({ zodSchema, jsonSchema }) => {
        const { fn } = zodSchema._zod.def as { readonly fn?: object };
        const options = fn && OPTIONS.get(fn);
        if (options) {
          Object.assign(jsonSchema, isInline ? { anyOf: options.map(convert) } : { $ref: refTo(options) });
        }
      },
    });
    return converted;
  };
  const refTo = (options: readonly z.ZodType[]): string => {
    let name = forms.get(options);
    if (name === undefined) {
      name = `form${forms.size + 1}`;
      forms.set(options, name);
      definitions[name] = { anyOf: options.map(convert) };
    }
    return `#/$defs/${name}`;
  };
  const converted = convert(schema);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...converted,
    ...(forms.size > 0 && { $defs: definitions }),
  };
}
