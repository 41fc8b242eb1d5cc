import * as z from 'zod';
import { actionOf, UsageError } from '../kubectl/index.js';
import { mistake, strict } from '../schema/shapes.js';
import { ACTION_FIELDS } from './action.js';

/** A command line, in place of a verb: checked, and then treated, as the action that it stands for. */
export const commandLineSchema = (schemaOf: (verb: string) => z.ZodType | undefined) =>
  strict({
    ...ACTION_FIELDS,
    kubectl: z
      .string()
      .describe('A command line as one types it: "scale deployment/web --replicas=3".')
      .superRefine((text, ctx) => {
        try {
          const fields = actionOf(text);
          const schema = schemaOf(Object.keys(fields)[0] as string);
          for (const { message, path } of schema?.safeParse({ at: 0, ...fields }).error?.issues ?? []) {
            mistake(ctx, 'BAD_COMMAND', `${path.join('.')}: ${message}`);
          }
        } catch (error) {
          if (!(error instanceof UsageError)) {
            throw error;
          }
          mistake(ctx, 'BAD_COMMAND', error.message, error.hint);
        }
      }),
  });

export type CommandLineText = z.infer<ReturnType<typeof commandLineSchema>>;

/** The action that a checked command line stands for. */
export const expand = ({ kubectl, ...when }: CommandLineText): object => ({ ...when, ...actionOf(kubectl) });
