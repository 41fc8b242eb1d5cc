import { parseDuration } from '../../engine/time/duration.js';

export type FlagValue = string | number | boolean;

/** A command-line flag that a component understands. Its value replaces a field of the component's section of the defaults. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** A list may be given several times: its values come joined by commas. */
  readonly type: 'duration' | 'number' | 'integer' | 'boolean' | 'text' | 'list';
  readonly field: string;
  readonly default: FlagValue;
  readonly help: string;
}

/** A flag before a version's defaults are known. */
export interface FlagRow<Section> extends Omit<Flag, 'default' | 'field'> {
  readonly field: keyof Section & string;
}

/** The flags with the defaults that this section states. */
export const flagsWith = <Section extends object>(section: Section, rows: readonly FlagRow<Section>[]): Flag[] =>
  rows.map((row) => ({ ...row, default: section[row.field] as FlagValue }));

/**
 * The section with the values that a command line gives, by flag name; flags of other components are passed over.
 * @throws RangeError that names the flag when a value does not parse.
 */
export function withFlags<Section extends object>(
  section: Section,
  rows: readonly FlagRow<Section>[],
  given: Readonly<Record<string, string>>,
): Section {
  const changes = rows.flatMap((row) => {
    const text = given[row.name];
    return text === undefined ? [] : [[row.field, parseFlag(row, text)] as const];
  });
  return { ...section, ...Object.fromEntries(changes) };
}

/** Reads a value as github.com/spf13/pflag does. Durations stay text, in the form the defaults have them. */
export function parseFlag(flag: Pick<Flag, 'name' | 'type'>, text: string): FlagValue {
  const value = READERS[flag.type](text);
  if (value === undefined) {
    throw new RangeError(`invalid argument ${JSON.stringify(text)} for "--${flag.name}": not a ${flag.type}`);
  }
  return value;
}

const READERS: Readonly<Record<Flag['type'], (text: string) => FlagValue | undefined>> = {
  duration: (text) => {
    try {
      parseDuration(text);
      return text;
    } catch {
      return undefined;
    }
  },
  number: (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined),
  integer: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  boolean: (text) => BOOLEANS.get(text),
  text: (text) => text,
  list: (text) => text,
};

/** What strconv.ParseBool takes. */
const BOOLEANS = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);
