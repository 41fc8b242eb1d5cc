import { isSameValue } from '../equality.js';
import type { AnyObject } from '../object.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { Reader } from './reader.js';
import { ApiSchema, type FieldType } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

/** Type of the whole object; undefined for a kind that this version does not serve, or keeps as it is. */
export function typeOfObject(object: AnyObject, schema: ApiSchema): FieldType | undefined {
  const definition = schema.served.kinds[`${object.apiVersion}/${object.kind}`];
  return definition === undefined ? undefined : { form: 'struct', definition, isAtomic: false };
}

/** The object without what decoding put in by itself: fields that Go holds by value, where they hold nothing. */
export function asWritten<T extends AnyObject>(object: T, schema: ApiSchema): T {
  const type = typeOfObject(object, schema);
  return type === undefined ? object : (withoutZeros(type, object, schema) as T);
}

function withoutZeros(type: FieldType, value: unknown, schema: ApiSchema): unknown {
  if (type.form === 'list' && Array.isArray(value)) {
    return value.map((item) => withoutZeros(type.item, item, schema));
  }
  if (type.form !== 'struct' || value === undefined) {
    return value;
  }
  const zero = zeroOf(type.definition, schema);
  const fields = schema.fieldsOf(type.definition);
  return Object.fromEntries(
    Object.entries(value as Json).flatMap(([name, found]) => {
      const field = fields.get(name);
      return found === undefined || (field?.isAlwaysThere === true && isSameValue(found, zero[name]))
        ? []
        : [[name, field === undefined ? found : withoutZeros(field.type, found, schema)]];
    }),
  );
}

const zeroOf = (definition: string, schema: ApiSchema): Json => new Reader(schema, 0).readStruct(definition, {});

/** What Go's empty object of this kind holds. */
export function emptyObject(object: AnyObject, schema: ApiSchema): unknown {
  const type = typeOfObject(object, schema);
  return type?.form === 'struct' ? zeroOf(type.definition, schema) : {};
}

/** An object that was put together from parts, as decoding it would make it. */
export function redecoded<T extends AnyObject>(object: T, kubernetesVersion: string): T {
  const decoded = decode(encode(object, 0), { kubernetesVersion, startTime: 0 });
  return decoded.ok ? (decoded.object as unknown as T) : object;
}
