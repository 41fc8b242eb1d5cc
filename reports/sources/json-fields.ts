import { readFileSync } from 'node:fs';
import { ResultsError } from './results-error.js';

/** Reads a JSON file whose outermost value is an object. @throws ResultsError */
export function readJsonFile(path: string): JsonFields {
  const text = readFileSync(path, 'utf8');
  try {
    return new JsonFields(path, '', JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
    const place = { file: path, line: before.length, column: (before.at(-1) as string).length + 1 };
    throw new ResultsError(
      place,
      text.trim() === '' ? 'the file is empty' : 'this is not JSON, or it was cut off here',
    );
  }
}

/** The fields of a JSON object, each read as what it must be. */
export class JsonFields {
  readonly #file: string;
  readonly #path: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#refuse(path, value, 'an object');
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(this.#pathOf(name), undefined, 'a text');
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    return value === undefined || typeof value === 'string' ? value : this.#refuse(this.#pathOf(name), value, 'a text');
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#refuse(this.#pathOf(name), undefined, 'a number');
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#fields[name];
    return value === undefined || typeof value === 'number'
      ? value
      : this.#refuse(this.#pathOf(name), value, 'a number');
  }

  boolean(name: string): boolean {
    const value = this.#fields[name];
    return typeof value === 'boolean' ? value : this.#refuse(this.#pathOf(name), value, 'true or false');
  }

  /** A list of objects. */
  list<T>(name: string, read: (item: JsonFields) => T): readonly T[] {
    return this.#array(name).map((item, i) => read(new JsonFields(this.#file, `${this.#pathOf(name)}[${i}]`, item)));
  }

  /** A list of plain values, as they would be written. */
  words(name: string): readonly string[] {
    return this.#array(name).map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item)));
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#file, this.#pathOf(name), this.#fields[name]);
  }

  names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  #array(name: string): readonly unknown[] {
    const value = this.#fields[name];
    return Array.isArray(value) ? value : this.#refuse(this.#pathOf(name), value, 'a list');
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #refuse(path: string, found: unknown, fits: string): never {
    const shown = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 60);
    throw new ResultsError({ file: this.#file, path }, `${fits} stands here in results of kubewhen, found ${shown}`);
  }
}
