import { type Path, pathText } from './strict-reader.js';

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueDuplicate'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden';

const TITLES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
};

/** A mistake in a field, as field.Error (k8s.io/apimachinery pkg/util/validation/field). */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly path: Path;
  readonly detail: string;
  readonly text: string;
}

/** Mistakes collected below one path. */
export class FieldErrors {
  readonly found: FieldError[] = [];

  required(path: Path, detail = ''): void {
    this.#add('FieldValueRequired', path, undefined, detail);
  }

  forbidden(path: Path, detail: string): void {
    this.#add('FieldValueForbidden', path, undefined, detail);
  }

  invalid(path: Path, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', path, value, detail);
  }

  duplicate(path: Path, value: unknown): void {
    this.#add('FieldValueDuplicate', path, value, '');
  }

  notSupported(path: Path, value: unknown, supported: readonly string[]): void {
    const names = supported.map((name) => JSON.stringify(name)).join(', ');
    this.#add('FieldValueNotSupported', path, value, `supported values: ${names}`);
  }

  #add(type: FieldErrorType, path: Path, value: unknown, detail: string): void {
    const title = TITLES[type];
    const shown = value === undefined ? title : `${title}: ${JSON.stringify(value)}`;
    const text = `${pathText(path)}: ${shown}${detail === '' ? '' : `: ${detail}`}`;
    this.found.push({ type, path, detail, text });
  }
}

/** As Aggregate.Error: one alone, several in brackets, the same only once. */
export function aggregateText(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ text }) => text))];
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}
