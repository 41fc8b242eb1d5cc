import { MICROS_PER_SECOND, type Micros } from '../../../engine/time/micros.js';
import { formatRfc3339 } from '../../../engine/time/rfc3339.js';
import type { AnyObject } from '../object.js';
import { ApiSchema, type FieldType } from './schema.js';

type Json = Readonly<Record<string, unknown>>;

/** The newest API: an object of an older one has no fields that it lacks times for. */
const SCHEMA_VERSION = '1.37';

/** Definitions that hold a time, however deep: the others are shared, not copied. */
const holdsTime = new Map<string, boolean>();

/**
 * The object as `kubectl get -o yaml` prints it: times in RFC 3339. The reverse of decode, for reports and expressions; parts
 * without times are shared with the object.
 * @param startTime Unix seconds of virtual time zero
 */
export function encode(object: AnyObject, startTime: number): Json {
  const schema = ApiSchema.of(SCHEMA_VERSION);
  const definition = schema.served.kinds[`${object.apiVersion}/${object.kind}`];
  return definition === undefined
    ? (object as unknown as Json)
    : (encodeValue({ form: 'struct', definition, isAtomic: false }, object, schema, startTime) as Json);
}

function encodeValue(type: FieldType, value: unknown, schema: ApiSchema, startTime: number): unknown {
  if (value === undefined || value === null || !mayHoldTime(type, schema)) {
    return value;
  }
  switch (type.form) {
    case 'scalar':
      return formatRfc3339(startTime * MICROS_PER_SECOND + (value as Micros), type.type === 'Time' ? 0 : 6);
    case 'list':
      return (value as readonly unknown[]).map((item) => encodeValue(type.item, item, schema, startTime));
    case 'map':
      return mapValues(value as Json, (item) => encodeValue(type.item, item, schema, startTime));
    default: {
      const fields = schema.fieldsOf(type.definition);
      return mapValues(value as Json, (item, name) => {
        const field = fields.get(name);
        return field === undefined ? item : encodeValue(field.type, item, schema, startTime);
      });
    }
  }
}

/** What is undefined is absent. */
const mapValues = (record: Json, change: (value: unknown, name: string) => unknown): Json =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, change(value, name)]])),
  );

function mayHoldTime(type: FieldType, schema: ApiSchema): boolean {
  switch (type.form) {
    case 'scalar':
      return type.type === 'Time' || type.type === 'MicroTime';
    case 'list':
    case 'map':
      return mayHoldTime(type.item, schema);
    default: {
      const { definition } = type;
      let found = holdsTime.get(definition);
      if (found === undefined) {
        // A definition that contains itself has no time by that way.
        holdsTime.set(definition, false);
        found = [...schema.fieldsOf(definition).values()].some((field) => mayHoldTime(field.type, schema));
        holdsTime.set(definition, found);
      }
      return found;
    }
  }
}
