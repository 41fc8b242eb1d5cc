import type { CommandLine, FlagTable } from './flags.js';

/** The fields of an action, but for `at`: a verb, and what it is done to. */
export type ActionFields = Readonly<Record<string, unknown>>;

/** A command of kubectl that changes something or tells of a rollout. */
export interface Command {
  /** "rollout undo". */
  readonly name: string;
  readonly flags: FlagTable;
  /** As the reference shows it. */
  readonly example: string;
  /** @throws UsageError when this is not how the command is used. */
  toAction(line: CommandLine): ActionFields;
}

/** Fields that have a value. */
export const given = (fields: ActionFields): ActionFields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
