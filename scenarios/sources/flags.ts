import type { ErrorCode } from '../schema/errors.js';
import { didYouMean } from '../schema/suggest.js';

/** A component whose flags users write. */
export interface FlagReader {
  /** The name of its binary: it may stand in front, as in a container's command. */
  readonly binary: string;
  /** Flags that it has, besides those that change the simulation. */
  readonly knownFlags: readonly string[];
}

/** A flag of a component that changes the simulation. */
export interface SupportedFlag {
  readonly name: string;
  readonly type: string;
}

export interface ReadFlags {
  /** Flag name without dashes to its value, as given; the last of a name wins, as with pflag, and lists add up. */
  readonly values: Readonly<Record<string, string>>;
  /** Known flags that change nothing here, in order of mention. */
  readonly unsupported: readonly string[];
  readonly mistakes: readonly {
    readonly index: number;
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string | undefined;
  }[];
}

/** Reads flags as they stand on a command line: "--name=value", "--name value" in one text, "--name" for a boolean. */
export function readFlags(
  { binary, knownFlags }: FlagReader,
  texts: readonly string[],
  supported: readonly SupportedFlag[],
  isBadValue: (flag: SupportedFlag, value: string) => string | undefined,
): ReadFlags {
  const byName = new Map(supported.map((flag) => [flag.name, flag]));
  const known = new Set([...knownFlags, ...byName.keys()]);
  const values: Record<string, string> = {};
  const unsupported: string[] = [];
  const mistakes: ReadFlags['mistakes'][number][] = [];
  for (const [index, text] of texts.entries()) {
    const [, name, , given] = /^--?([A-Za-z][\w.-]*)(=| +|$)([\s\S]*)$/.exec(text.trim()) ?? [];
    if (name === undefined) {
      if (!(index === 0 && text.endsWith(binary))) {
        mistakes.push({
          index,
          code: 'BAD_FLAG',
          message: `${JSON.stringify(text)} is no flag`,
          hint: 'Flags are written like --name=value',
        });
      }
      continue;
    }
    const flag = byName.get(name);
    if (!known.has(name)) {
      const hint = didYouMean(
        `--${name}`,
        [...known].map((one) => `--${one}`),
      );
      mistakes.push({ index, code: 'BAD_FLAG', message: `unknown flag: --${name}`, hint });
    } else if (flag === undefined) {
      unsupported.push(`--${name}`);
    } else {
      const isBare = !/[= ]/.test(text.trim());
      const value = isBare && flag.type === 'boolean' ? 'true' : (given as string);
      const complaint =
        isBare && flag.type !== 'boolean' ? `flag needs an argument: --${name}` : isBadValue(flag, value);
      if (complaint === undefined) {
        const before = flag.type === 'list' ? values[name] : undefined;
        values[name] = before === undefined ? value : `${before},${value}`;
      } else {
        mistakes.push({ index, code: 'BAD_FLAG', message: complaint });
      }
    }
  }
  return { values, unsupported, mistakes };
}
