import { didYouMean } from '../schema/suggest.js';
import { UsageError } from './words.js';

/** `texts` may be given several times, and each may be a list with commas; `words` only several times. */
type FlagType = 'boolean' | 'text' | 'integer' | 'texts' | 'words';

export interface FlagSpec {
  readonly type: FlagType;
  readonly short?: string;
  /** What the flag alone means, where it needs no value. */
  readonly bare?: string;
  /** It changes nothing here; or why it cannot be used. */
  readonly isIgnored?: true;
  readonly refusal?: string;
}
export type FlagTable = Readonly<Record<string, FlagSpec>>;

const PRINTING = 'nothing is printed here but what the command does';

/** Flags that every command takes. */
export const COMMON_FLAGS: FlagTable = {
  namespace: { type: 'text', short: 'n' },
  'field-manager': { type: 'text' },
  'request-timeout': { type: 'text', isIgnored: true },
  context: { type: 'text', isIgnored: true },
  kubeconfig: { type: 'text', isIgnored: true },
  output: { type: 'text', short: 'o', refusal: PRINTING },
  'dry-run': { type: 'text', bare: 'unchanged', refusal: 'leave the action out instead' },
  record: { type: 'boolean', refusal: 'annotate the object with kubernetes.io/change-cause instead' },
  filename: { type: 'texts', short: 'f', refusal: 'name the objects instead' },
  kustomize: { type: 'text', short: 'k', refusal: 'render it to a file first' },
};

/** What stands on a command line after the command's name. */
export class CommandLine {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    /** Words that are neither flags nor values of flags. */
    readonly words: readonly string[],
    /** What stands after "--"; undefined without one. */
    readonly afterDashes: readonly string[] | undefined,
    values: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#values = values;
  }

  has(flag: string): boolean {
    return this.#values.has(flag);
  }

  text(flag: string): string | undefined {
    return this.#values.get(flag)?.at(-1);
  }

  texts(flag: string): readonly string[] {
    return this.#values.get(flag) ?? [];
  }

  integer(flag: string): number | undefined {
    const text = this.text(flag);
    return text === undefined ? undefined : Number(text);
  }

  boolean(flag: string): boolean | undefined {
    const text = this.text(flag);
    return text === undefined ? undefined : text === 'true';
  }
}

/**
 * Reads words as github.com/spf13/pflag does: --flag value, --flag=value, -f value, -fvalue, -f=value, in any place before "--".
 * @throws UsageError with pflag's message.
 */
export function parseFlags(words: readonly string[], table: FlagTable): CommandLine {
  const shorts = new Map(Object.entries(table).flatMap(([name, { short }]) => (short ? [[short, name]] : [])));
  const values = new Map<string, string[]>();
  const args: string[] = [];
  let at = 0;
  const next = (name: string): string => {
    const value = words[++at];
    if (value === undefined) {
      throw new UsageError(`flag needs an argument: ${name}`);
    }
    return value;
  };
  const take = (name: string, shown: string, inline: string | undefined): void => {
    const spec = table[name] as FlagSpec;
    if (spec.refusal !== undefined) {
      throw new UsageError(`--${name} cannot be used here: ${spec.refusal}`);
    }
    const bare = spec.type === 'boolean' ? 'true' : spec.bare;
    const value = inline ?? bare ?? next(shown);
    if (!spec.isIgnored) {
      values.set(name, [...(values.get(name) ?? []), ...read(spec, shown, value)]);
    }
  };
  for (; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') {
      return new CommandLine(args, words.slice(at + 1), values);
    }
    if (word.startsWith('--')) {
      const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
      if (!Object.hasOwn(table, name)) {
        throw new UsageError(
          `unknown flag: --${name}`,
          didYouMean(name, Object.keys(table))?.replace(/"(.*)"/, '"--$1"'),
        );
      }
      take(name, `--${name}`, value);
    } else if (word.startsWith('-') && word !== '-') {
      takeShorts(word, shorts, table, take);
    } else {
      args.push(word);
    }
  }
  return new CommandLine(args, undefined, values);
}

/** "-it", "-nshop", "-n=shop", "-n shop". */
function takeShorts(
  word: string,
  shorts: ReadonlyMap<string, string>,
  table: FlagTable,
  take: (name: string, shown: string, inline: string | undefined) => void,
): void {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string;
    const name = shorts.get(letter);
    if (name === undefined) {
      throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`);
    }
    const rest = word.slice(i + 1);
    const { type, bare } = table[name] as FlagSpec;
    if (rest.startsWith('=')) {
      take(name, `-${letter}`, rest.slice(1));
      return;
    }
    if (type !== 'boolean' && bare === undefined) {
      take(name, `-${letter}`, rest === '' ? undefined : rest);
      return;
    }
    take(name, `-${letter}`, undefined);
  }
}

function read({ type }: FlagSpec, shown: string, value: string): readonly string[] {
  const wrong = (what: string): UsageError =>
    new UsageError(
      `invalid argument ${JSON.stringify(value)} for "${shown}" flag: strconv.${what}: parsing ${JSON.stringify(value)}: invalid syntax`,
    );
  switch (type) {
    case 'integer':
      if (!/^[+-]?\d+$/.test(value)) {
        throw wrong('ParseInt');
      }
      return [value];
    case 'boolean':
      if (!/^(1|0|t|f|true|false|T|F|TRUE|FALSE|True|False)$/.test(value)) {
        throw wrong('ParseBool');
      }
      return [String(/^(1|t)/i.test(value))];
    case 'texts':
      return value.split(',');
    default:
      return [value];
  }
}
