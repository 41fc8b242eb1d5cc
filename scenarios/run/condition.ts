import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { MICROS_PER_SECOND } from '../../engine/index.js';
import { type Kind, SERVED_KINDS } from '../../models/api/index.js';
import type { Need } from '../../models/world/index.js';
import { type UnknownField, unknownFields } from './condition-fields.js';

/** CEL variables and the kind whose objects they hold, by "namespace/name": pods, deployments, … */
export const VARIABLES: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(SERVED_KINDS) as Kind[]).map((kind) => [SERVED_KINDS[kind].plural, kind]),
);

/** What a condition reads of one kind: the objects of these keys, or all of them. */
export type Reads = ReadonlyMap<Kind, ReadonlySet<string> | 'all'>;

/** A condition that parsed. */
export interface Condition {
  readonly text: string;
  readonly reads: Reads;
  /** Fields that it reads and no object has. */
  readonly unknownFields: readonly UnknownField[];
  /** Whether it asks what pods find when they look around. */
  readonly looksAround: boolean;
  /** Its value, or why it has none: "No such key: status". Objects are given by variable and key. */
  evaluate(objects: Readonly<Record<string, ReadonlyMap<string, unknown>>>, look: Look): boolean | Unclear;
}

interface Unclear {
  readonly error: string;
}

/** Whether a process in a pod, by "namespace/name", finds what it needs, and somebody outside what he asks an Ingress for. */
export interface Look {
  readonly isMet: (pod: string, need: Need) => boolean;
  readonly serves: (url: string) => boolean;
}

/** Functions of expressions and what they ask for: reaches('default/client', 'db:5432'). */
const LOOKS: Readonly<Record<string, (what: string) => Need>> = {
  reaches: (place) => ({ reaches: place }),
  resolves: (name) => ({ resolves: name }),
};

/** CEL functions are known to the environment once and for all; what they look through is given with each evaluation. */
let looking: Look = { isMet: () => false, serves: () => false };

const environment = (): Environment => {
  const found = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const name of VARIABLES.keys()) {
    found.registerVariable(name, 'map');
  }
  for (const [name, needOf] of Object.entries(LOOKS)) {
    found.registerFunction(`${name}(string, string): bool`, (pod: string, what: string) =>
      looking.isMet(pod, needOf(what)),
    );
  }
  found.registerFunction('serves(string): bool', (url: string) => looking.serves(url));
  return found;
};

let shared: Environment | undefined;

/**
 * Reads a CEL expression.
 * @throws RangeError that says what is wrong with it, and at which letter (from 1).
 */
export function parseCondition(text: string): Condition {
  shared ??= environment();
  let parsed: ParseResult;
  try {
    parsed = shared.parse(text);
  } catch (error) {
    throw new RangeError(reasonOf(error));
  }
  const checked = parsed.check();
  if (!checked.valid) {
    throw new RangeError(reasonOf(checked.error));
  }
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    throw new RangeError(`this is no condition: its value is of type ${checked.type}`);
  }
  const reads = new Map<Kind, Set<string> | 'all'>();
  collectReads(parsed.ast, reads);
  return {
    text,
    reads,
    unknownFields: unknownFields(parsed.ast, VARIABLES),
    looksAround: callsLook(parsed.ast),
    evaluate: (objects, look) => {
      looking = look;
      const context = Object.fromEntries([...VARIABLES.keys()].map((name) => [name, objects[name] ?? NOTHING]));
      try {
        const value: unknown = parsed(context);
        return typeof value === 'boolean' ? value : { error: `the value is ${String(value)}, not true or false` };
      } catch (error) {
        return { error: reasonOf(error) };
      }
    },
  };
}

/** Whether some function in it asks what pods find. */
function callsLook(node: unknown): boolean {
  if (Array.isArray(node)) {
    return node.some(callsLook);
  }
  if (!isNode(node)) {
    return false;
  }
  const args = node.args as unknown;
  const isLook = node.op === 'call' && Array.isArray(args) && (args[0] === 'serves' || String(args[0]) in LOOKS);
  return isLook || callsLook(args);
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();

function reasonOf(error: unknown): string {
  const { summary, message, range } = error as { summary?: string; message?: string; range?: { start: number } };
  const place = range ? ` (at letter ${range.start + 1})` : '';
  return `${summary ?? message ?? String(error)}${place}`;
}

/** pods['default/web'] reads one object; anything else done with `pods` reads them all. */
function collectReads(node: unknown, reads: Map<Kind, Set<string> | 'all'>): void {
  if (Array.isArray(node)) {
    for (const part of node) {
      collectReads(part, reads);
    }
    return;
  }
  if (!isNode(node)) {
    return;
  }
  const kind = node.op === 'id' ? VARIABLES.get(node.args) : undefined;
  if (kind !== undefined) {
    reads.set(kind, 'all');
    return;
  }
  const read = literalRead(node);
  if (read === undefined) {
    collectReads(node.args, reads);
    return;
  }
  const keys = reads.get(read.kind) ?? new Set<string>();
  if (keys !== 'all') {
    reads.set(read.kind, keys.add(read.key));
  }
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

/** The key of `pods['default/web']`, `pods[?'default/web']` and `'default/web' in pods`. */
function literalRead(node: ASTNode): { readonly kind: Kind; readonly key: string } | undefined {
  if (node.op !== '[]' && node.op !== '[?]' && node.op !== 'in') {
    return undefined;
  }
  const [map, key] = node.op === 'in' ? [node.args[1], node.args[0]] : node.args;
  const kind = map.op === 'id' ? VARIABLES.get(map.args) : undefined;
  return kind !== undefined && key.op === 'value' && typeof key.args === 'string' ? { kind, key: key.args } : undefined;
}

/** Fields that hold times are called so; the API types keep them as Micros. */
const TIME_FIELD = /(Time|Timestamp|At|timeAdded)$/;

/**
 * Shows API objects as CEL sees them: whole numbers are ints, times are timestamps. Objects are immutable, so each is converted
 * once. `startTime`: Unix seconds of virtual time zero.
 */
export function celView(startTime: number): (value: unknown) => unknown {
  const converted = new WeakMap<object, unknown>();
  const convert = (value: unknown, field: string): unknown => {
    if (typeof value === 'number') {
      if (TIME_FIELD.test(field)) {
        return new Date((startTime + value / MICROS_PER_SECOND) * 1000);
      }
      return Number.isInteger(value) ? BigInt(value) : value;
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    let view = converted.get(value);
    if (view === undefined) {
      view = Array.isArray(value)
        ? value.map((item) => convert(item, ''))
        : Object.fromEntries(
            Object.entries(value)
              .filter(([, part]) => part !== undefined)
              .map(([key, part]) => [key, convert(part, key)]),
          );
      converted.set(value, view);
    }
    return view;
  };
  return (value) => convert(value, '');
}
