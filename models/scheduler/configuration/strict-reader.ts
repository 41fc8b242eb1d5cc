import { parseDuration } from '../../../engine/index.js';
import { STRUCTS } from './schema.js';

/** Steps into a document: names of fields and indexes of lists. */
export type Path = readonly (string | number)[];

/** What the strict decoder found wrong, with the words of Go's decoder. */
export interface DecodingProblem {
  readonly path: Path;
  readonly text: string;
  /** Fields that are too many are found in a second pass, after everything could be read. */
  readonly isStrict: boolean;
}

export type Json = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** "profiles[0].plugins" */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

/** What Go calls a JSON value that does not fit. */
export const jsonKind = (value: unknown): string => {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'object' ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;
};

/** A field's Go type by its name in STRUCTS. */
const goType = (type: string): string =>
  type.startsWith('[]') ? `[]${goType(type.slice(2))}` : (STRUCTS[type]?.goType ?? type);

const INTEGER_BITS: Readonly<Record<string, number>> = { int32: 32, int64: 64 };

/**
 * Reads a struct as sigs.k8s.io/json does in strict mode: unknown fields and wrong types are noted and left out, null is absent.
 * @param root where the struct stands in the document
 */
export function readStruct(
  struct: string,
  value: unknown,
  root: Path,
  problems: DecodingProblem[],
): Record<string, unknown> {
  return new StrictReader(root, problems).read(struct, value, []);
}

class StrictReader {
  readonly #root: Path;
  readonly #problems: DecodingProblem[];

  constructor(root: Path, problems: DecodingProblem[]) {
    this.#root = root;
    this.#problems = problems;
  }

  read(struct: string, value: unknown, path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const types = new Map(
      (STRUCTS[struct]?.fields ?? '').split('; ').map((field) => field.split(' ') as [string, string]),
    );
    for (const [name, found] of Object.entries(value as Json)) {
      const type = types.get(name);
      const here = [...path, name];
      if (type === undefined) {
        this.#note(here, `unknown field "${pathText(here)}"`, true);
      } else if (found !== null && found !== undefined) {
        const read = this.#value(type, found, here, struct);
        if (read !== undefined) {
          result[name] = read;
        }
      }
    }
    return result;
  }

  #value(type: string, found: unknown, path: Path, struct: string): unknown {
    if (type === 'any') {
      return found;
    }
    if (type.startsWith('[]')) {
      const item = type.slice(2);
      return Array.isArray(found)
        ? found.map((value: unknown, i) => this.#value(item, value ?? zeroOf(item), [...path, i], struct))
        : this.#wrongType(type, found, path, struct);
    }
    if (STRUCTS[type] !== undefined) {
      return isMapping(found) ? this.read(type, found, path) : this.#wrongType(type, found, path, struct);
    }
    if (type === 'duration') {
      return this.#duration(found, path);
    }
    return fits(type, found) ? found : this.#wrongType(type, found, path, struct);
  }

  #duration(found: unknown, path: Path): unknown {
    if (typeof found !== 'string') {
      return this.#note(path, `json: cannot unmarshal ${jsonKind(found)} into Go value of type string`);
    }
    try {
      parseDuration(found);
      return found;
    } catch (error) {
      return this.#note(path, `time: ${(error as RangeError).message}`);
    }
  }

  #wrongType(type: string, found: unknown, path: Path, struct: string): undefined {
    const isOutOfRange = typeof found === 'number' && type in INTEGER_BITS;
    const kind = isOutOfRange ? `number ${found}` : jsonKind(found);
    const field = path.filter((step) => typeof step === 'string').join('.');
    return this.#note(
      path,
      `json: cannot unmarshal ${kind} into Go struct field ${struct}.${field} of type ${goType(type)}`,
    );
  }

  #note(path: Path, text: string, isStrict = false): undefined {
    this.#problems.push({ path: [...this.#root, ...path], text, isStrict });
    return undefined;
  }
}

const zeroOf = (type: string): unknown => (STRUCTS[type] !== undefined ? {} : type === 'string' ? '' : 0);

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'float32':
      return typeof value === 'number';
    default: {
      const limit = 2 ** ((INTEGER_BITS[type] as number) - 1);
      return typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit;
    }
  }
}
