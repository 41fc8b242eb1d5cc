import { MICROS_PER_SECOND, type Micros, wholeSecond } from '../../../engine/time/micros.js';
import { parseRfc3339 } from '../../../engine/time/rfc3339.js';
import type { Quantity } from '../generated/types.js';
import { amountOf, formatAmount } from '../quantity.js';
import { describeValue, type Mistake } from './mistake.js';
import type { ApiSchema, Field, FieldType, ScalarType } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads JSON as Go's decoder reads it into the API's types: null is as good as absent (and the zero value inside a list or map),
 * fields that Go holds by value are there even when nobody wrote them, quantities become canonical, times Micros. Unlike Go it
 * goes on after a mistake.
 */
export class Reader {
  readonly mistakes: Mistake[] = [];
  readonly #schema: ApiSchema;
  /** Unix seconds of virtual time zero. */
  readonly #startTime: number;
  readonly #path: (string | number)[] = [];

  constructor(schema: ApiSchema, startTime: number) {
    this.#schema = schema;
    this.#startTime = startTime;
  }

  readStruct(definition: string, value: unknown): Json {
    const fields = this.#schema.fieldsOf(definition);
    const result: Record<string, unknown> = {};
    if (!isMapping(value)) {
      this.#wrongType(value, 'a mapping');
      return result;
    }
    for (const name in value) {
      const field = fields.get(name);
      const found = value[name];
      if (field === undefined) {
        this.#unknownField(name, fields);
      } else if (found !== null && found !== undefined) {
        this.#path.push(name);
        result[name] = this.#read(field.type, found);
        this.#path.pop();
      }
    }
    for (const field of fields.values()) {
      if (field.isAlwaysThere && result[field.name] === undefined) {
        const zero = this.#zeroOf(field.type);
        // Nobody looks at the status of an object whose status says nothing.
        if (field.name !== 'status' || !saysNothing(zero)) {
          result[field.name] = zero;
        }
      }
    }
    return result;
  }

  #read(type: FieldType, value: unknown): unknown {
    switch (type.form) {
      case 'scalar':
        return this.#readScalar(type.type, value);
      case 'struct':
        return this.readStruct(type.definition, value);
      case 'list':
        return this.#readList(type.item, value);
      default:
        return this.#readMap(type.item, value);
    }
  }

  #readList(item: FieldType, value: unknown): unknown {
    if (!Array.isArray(value)) {
      return this.#wrongType(value, 'a list');
    }
    return value.map((found: unknown, index) => this.#readItem(item, found, index));
  }

  #readMap(item: FieldType, value: unknown): unknown {
    if (!isMapping(value)) {
      return this.#wrongType(value, 'a mapping');
    }
    const result: Record<string, unknown> = {};
    for (const key in value) {
      result[key] = this.#readItem(item, value[key], key);
    }
    return result;
  }

  #readItem(item: FieldType, value: unknown, step: string | number): unknown {
    if (value === null || value === undefined) {
      return this.#zeroOf(item);
    }
    this.#path.push(step);
    const result = this.#read(item, value);
    this.#path.pop();
    return result;
  }

  #readScalar(type: ScalarType, value: unknown): unknown {
    switch (type) {
      case 'any':
        return value;
      case 'string':
        return typeof value === 'string' ? value : this.#wrongType(value, 'a string');
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#wrongType(value, 'true or false');
      case 'double':
        return typeof value === 'number' ? value : this.#wrongType(value, 'a number');
      case 'int32':
        return this.#readInteger(value, -(2 ** 31), 2 ** 31 - 1);
      case 'int64':
        return this.#readInteger(value, -(2 ** 63), 2 ** 63);
      case 'IntOrString':
        return typeof value === 'string' ? value : this.#readInteger(value, -(2 ** 31), 2 ** 31 - 1, ' or a string');
      case 'Quantity':
        return this.#readQuantity(value);
      case 'bytes':
        return this.#readBytes(value);
      default:
        return this.#readTime(value, type);
    }
  }

  #readInteger(value: unknown, min: number, max: number, alternative = ''): unknown {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return this.#wrongType(value, `a whole number${alternative}`);
    }
    return value >= min && value <= max ? value : this.#wrongType(value, `a whole number from ${min} to ${max}`);
  }

  #readQuantity(value: unknown): unknown {
    if (typeof value !== 'string' && typeof value !== 'number') {
      return this.#wrongType(value, 'a quantity such as "500m" or "1Gi"');
    }
    try {
      return formatAmount(amountOf((typeof value === 'string' ? value.trim() : value) as Quantity));
    } catch (error) {
      return this.#mistake(
        'BAD_QUANTITY',
        `found ${describeValue(value)}, expected a quantity such as "500m" or "1Gi": ${(error as RangeError).message}`,
      );
    }
  }

  #readBytes(value: unknown): unknown {
    const isBase64 =
      typeof value === 'string' &&
      /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value.replace(/[\r\n]/g, ''));
    return isBase64 ? value : this.#wrongType(value, 'bytes in base64');
  }

  /** metav1.Time keeps whole seconds, metav1.MicroTime the microsecond. */
  #readTime(value: unknown, type: 'Time' | 'MicroTime'): unknown {
    const instant = typeof value === 'string' ? parseRfc3339(value) : undefined;
    if (instant === undefined) {
      return this.#wrongType(value, 'a time such as "2026-01-31T12:00:00Z"');
    }
    const kept: Micros = type === 'Time' ? wholeSecond(instant) : instant;
    return kept - this.#startTime * MICROS_PER_SECOND;
  }

  #zeroOf(type: FieldType): unknown {
    switch (type.form) {
      case 'list':
        return [];
      case 'map':
        return {};
      case 'struct':
        return this.readStruct(type.definition, {});
      default:
        return ZEROS[type.type];
    }
  }

  #unknownField(name: string, fields: ReadonlyMap<string, Field>): void {
    this.#path.push(name);
    this.#mistake('UNKNOWN_FIELD', `there is no field "${name}" here`, [...fields.keys()]);
    this.#path.pop();
  }

  #wrongType(value: unknown, expected: string): undefined {
    return this.#mistake('WRONG_TYPE', `found ${describeValue(value)}, expected ${expected}`);
  }

  #mistake(code: Mistake['code'], message: string, known?: readonly string[]): undefined {
    this.mistakes.push({ code, path: [...this.#path], message, ...(known && { known }) });
    return undefined;
  }
}

const ZEROS: Readonly<Record<ScalarType, unknown>> = {
  string: '',
  int32: 0,
  int64: 0,
  double: 0,
  boolean: false,
  bytes: '',
  Time: undefined,
  MicroTime: undefined,
  Quantity: '0',
  IntOrString: 0,
  any: undefined,
};

/** Nothing but empty mappings, however deep. */
const saysNothing = (value: unknown): boolean => isMapping(value) && Object.values(value).every(saysNothing);
