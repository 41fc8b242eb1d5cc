/** A place in an object as the API names it: spec.containers[0].resources.limits[cpu]. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #step: string;

  private constructor(parent: FieldPath | undefined, step: string) {
    this.#parent = parent;
    this.#step = step;
  }

  static of(...names: readonly string[]): FieldPath {
    return new FieldPath(undefined, names.join('.'));
  }

  child(name: string, ...more: readonly string[]): FieldPath {
    let path = new FieldPath(this, `.${name}`);
    for (const next of more) {
      path = new FieldPath(path, `.${next}`);
    }
    return path;
  }

  index(i: number): FieldPath {
    return new FieldPath(this, `[${i}]`);
  }

  key(key: string): FieldPath {
    return new FieldPath(this, `[${key}]`);
  }

  toString(): string {
    return `${this.#parent ?? ''}${this.#step}`;
  }
}

/** One entry of details.causes of a Status. */
export interface FieldCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** Collects what is wrong with an object, in the words of k8s.io/apimachinery pkg/util/validation/field errors.go. */
export class FieldErrors {
  readonly causes: FieldCause[] = [];

  required(path: FieldPath, detail = ''): void {
    this.#add('FieldValueRequired', path, 'Required value', detail);
  }

  /** @param value as the API holds it; what Go holds in another shape must be given in that shape */
  invalid(path: FieldPath, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', path, `Invalid value: ${show(value)}`, detail);
  }

  /** Where the value is too long, or too secret, to be repeated. */
  invalidUnshown(path: FieldPath, detail: string): void {
    this.#add('FieldValueInvalid', path, 'Invalid value', detail);
  }

  notSupported(path: FieldPath, value: unknown, supported: readonly string[]): void {
    const list = supported.map((name) => JSON.stringify(name)).join(', ');
    this.#add('FieldValueNotSupported', path, `Unsupported value: ${show(value)}`, `supported values: ${list}`);
  }

  duplicate(path: FieldPath, value: unknown, detail = ''): void {
    this.#add('FieldValueDuplicate', path, `Duplicate value: ${show(value)}`, detail);
  }

  forbidden(path: FieldPath, detail: string): void {
    this.#add('FieldValueForbidden', path, 'Forbidden', detail);
  }

  notFound(path: FieldPath, value: unknown, detail = ''): void {
    this.#add('FieldValueNotFound', path, `Not found: ${show(value)}`, detail);
  }

  tooLong(path: FieldPath, maxBytes: number): void {
    this.#add('FieldValueTooLong', path, 'Too long', `may not be more than ${maxBytes} bytes`);
  }

  tooMany(path: FieldPath, found: number, max: number): void {
    this.#add('FieldValueTooMany', path, `Too many: ${found}`, `must have at most ${max} items`);
  }

  /** One `invalid` for each message. */
  invalidEach(path: FieldPath, value: unknown, details: readonly string[]): void {
    for (const detail of details) {
      this.invalid(path, value, detail);
    }
  }

  nonNegative(path: FieldPath, value: number | undefined): void {
    if (value !== undefined && value < 0) {
      this.invalid(path, value, 'must be greater than or equal to 0');
    }
  }

  /** `required` when nothing is there, `notSupported` when it is none of these. */
  oneOf(path: FieldPath, value: string | undefined, supported: readonly string[]): void {
    if (!value) {
      this.required(path);
    } else if (!supported.includes(value)) {
      this.notSupported(path, value, supported);
    }
  }

  /** `notSupported` when something is there that is none of these. */
  ifSetOneOf(path: FieldPath, value: string | undefined, supported: readonly string[]): void {
    if (value !== undefined && !supported.includes(value)) {
      this.notSupported(path, value, supported);
    }
  }

  addAll(causes: readonly FieldCause[]): void {
    this.causes.push(...causes);
  }

  #add(reason: string, path: FieldPath, problem: string, detail: string): void {
    this.causes.push({ reason, field: String(path), message: detail === '' ? problem : `${problem}: ${detail}` });
  }
}

const show = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));

/** A map as Go prints one: sorted by key. */
export const sorted = <T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined =>
  map && Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
