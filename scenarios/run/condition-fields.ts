import type { ASTNode } from '@marcbachmann/cel-js';
import { ApiSchema, type FieldType, type Kind, SERVED_KINDS } from '../../models/api/index.js';
import { KUBERNETES_VERSIONS } from '../../models/versions/index.js';

/** A field of an API object that a condition reads and that no version of Kubernetes has. */
export interface UnknownField {
  readonly name: string;
  /** The API type it is looked for in: DeploymentStatus. */
  readonly definition: string;
  /** At which letter of the condition, from 1. */
  readonly at: number;
  readonly known: readonly string[];
}

/** What is known of the values in an expression: a type of the API, or nothing. */
type Known = FieldType | undefined;
type Scope = ReadonlyMap<string, Known>;

/** Macros whose first argument names the element that the others speak of. */
const OVER_ELEMENTS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Typos in the fields of a condition: they would read as "no such key" at run time, or as nothing behind a "?". */
export function unknownFields(expression: ASTNode, variables: ReadonlyMap<string, Kind>): readonly UnknownField[] {
  const found: UnknownField[] = [];
  const scope = new Map([...variables].map(([name, kind]) => [name, objectsOf(kind)]));
  const walk = (node: unknown, names: Scope): Known => {
    if (Array.isArray(node)) {
      for (const part of node) {
        walk(part, names);
      }
      return undefined;
    }
    if (!isNode(node)) {
      return undefined;
    }
    switch (node.op) {
      case 'id':
        return names.get(node.args);
      case '.':
      case '.?':
        return fieldOf(walk(node.args[0], names), node.args[1], node, found);
      case '[]':
      case '[?]': {
        const whole = walk(node.args[0], names);
        walk(node.args[1], names);
        return itemOf(whole);
      }
      case 'rcall':
        return call(node.args[0], walk(node.args[1], names), node.args[2], names);
      default:
        return walk(node.args, names);
    }
  };
  const call = (method: string, whole: Known, args: readonly ASTNode[], names: Scope): Known => {
    const [element, ...rest] = args;
    if (!OVER_ELEMENTS.has(method) || element?.op !== 'id') {
      walk(args, names);
      return method === 'orValue' ? whole : undefined;
    }
    // The elements of a mapping are its keys.
    const inner = new Map(names).set(element.args, whole?.form === 'list' ? whole.item : undefined);
    walk(rest, inner);
    return method === 'filter' ? whole : undefined;
  };
  walk(expression, scope);
  return found;
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

const schemas = (): readonly ApiSchema[] => KUBERNETES_VERSIONS.map((version) => ApiSchema.of(version));

/** A map of objects by their keys; nothing is known of kinds that are none of Kubernetes' own. */
function objectsOf(kind: Kind): Known {
  const name = `${SERVED_KINDS[kind].apiVersion}/${kind}`;
  const [definition] = schemas().flatMap(({ served }) => served.kinds[name] ?? []);
  return definition === undefined
    ? undefined
    : { form: 'map', item: { form: 'struct', definition, isAtomic: false }, isAtomic: false };
}

const itemOf = (whole: Known): Known => (whole?.form === 'list' || whole?.form === 'map' ? whole.item : undefined);

function fieldOf(whole: Known, name: string, node: ASTNode, found: UnknownField[]): Known {
  if (whole?.form !== 'struct') {
    return itemOf(whole);
  }
  const { definition } = whole;
  const fields = schemas().flatMap((schema) =>
    definition in schema.served.definitions ? [schema.fieldsOf(definition)] : [],
  );
  const [field] = fields.flatMap((one) => one.get(name) ?? []);
  if (field === undefined) {
    const known = [...new Set(fields.flatMap((one) => [...one.keys()]))];
    found.push({ name, definition, at: node.range.end - name.length + 1, known });
  }
  return field?.type;
}
