import {
  boolYaml11Tag,
  CORE_SCHEMA,
  constructFromEvents,
  defineScalarTag,
  EVENT_ID,
  type Event,
  getScalarValue,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import { type ErrorCode, type Path, type Position, ScenarioError } from '../schema/errors.js';

/** One document of a file, and where in the text each of its parts stands. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where the value at this path stands; of a path that is not there, its nearest parent. `of: 'key'`: the field's name. */
  locate(path: Path, of?: 'key' | 'value'): Position;
}

/**
 * sigs.k8s.io/yaml reads with a YAML 1.1 resolver (goyaml.v2 resolve.go) that differs from both standards: after taking out
 * underscores, whatever Go's strconv.ParseInt(text, 0, 64) takes is an integer ("0777" is 511, "0o17" is 15).
 */
const intTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'+-0123456789'],
  resolve: (source) => {
    const [, sign, digits] = /^([-+]?)(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*)$/.exec(source) ?? [];
    if (digits === undefined) {
      return NOT_RESOLVED;
    }
    const plain = digits.replaceAll('_', '');
    if (/^0\d+$/.test(plain) && /[89]/.test(plain)) {
      return NOT_RESOLVED;
    }
    const value = /^0[0-7]+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
    return sign === '-' ? -value : value;
  },
  identify: Number.isSafeInteger,
});

/** goyaml.v2 resolve.go, yamlStyleFloat; infinities and NaN have no JSON, so they stay text. */
const floatTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'+-.0123456789'],
  resolve: (source) =>
    /^[-+]?(\.[\d_]+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$/.test(source)
      ? Number(source.replaceAll('_', ''))
      : NOT_RESOLVED,
  identify: (data) => typeof data === 'number',
});

const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, nullYaml11Tag, mergeTag, intTag, floatTag);

/** A file this small may expand freely; beyond it, to ten times what was written. goyaml.v2 draws the line likewise. */
const FREE_EXPANSION = 1_000_000;
const EXPANSION_FACTOR = 10;
const MAX_ALIASES = 100_000;

/**
 * Reads YAML or JSON as Kubernetes does: several documents, YAML 1.1 booleans also as keys, no dates, no duplicate keys.
 * Documents without content are left out.
 * @throws ScenarioError at the first syntax error.
 */
export function parseYaml(text: string, file: string): readonly YamlDocument[] {
  let events: Event[];
  let values: unknown[];
  try {
    events = parseEvents(text, { filename: file });
    values = constructFromEvents(events, { source: text, filename: file, schema: SCHEMA, maxAliases: MAX_ALIASES });
  } catch (error) {
    throw yamlError(error, file);
  }
  refuseExpansion(values, events.length, file);
  const starts = documentStarts(events);
  return values.flatMap((value, i) =>
    value === null || value === undefined
      ? []
      : [{ value, locate: (path: Path, of = 'value' as const) => locate(text, events, starts[i] as number, path, of) }],
  );
}

function yamlError(error: unknown, file: string): unknown {
  if (!(error instanceof YAMLException)) {
    return error;
  }
  const code: ErrorCode = /duplicated mapping key/.test(error.reason)
    ? 'DUPLICATE_KEY'
    : /alias/i.test(error.reason)
      ? 'ALIASES'
      : 'YAML_SYNTAX';
  const position = error.mark ? { line: error.mark.line + 1, column: error.mark.column + 1 } : undefined;
  return new ScenarioError([{ code, file, position, message: error.reason }]);
}

/** Aliases share objects, so an alias bomb costs nothing until somebody walks it: refuse it before. */
function refuseExpansion(values: readonly unknown[], written: number, file: string): void {
  const sizes = new Map<object, number>();
  const sizeOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) {
      return 1;
    }
    const known = sizes.get(value);
    if (known !== undefined) {
      return known;
    }
    sizes.set(value, Number.POSITIVE_INFINITY); // met again while being measured: it contains itself
    let size = 1;
    for (const part of Object.values(value)) {
      size += sizeOf(part);
    }
    sizes.set(value, size);
    return size;
  };
  const size = sizeOf(values);
  if (size > FREE_EXPANSION && size > EXPANSION_FACTOR * written) {
    const message = Number.isFinite(size) ? `aliases expand to ${size} values` : 'an alias contains itself';
    throw new ScenarioError([{ code: 'ALIASES', file, message }]);
  }
}

function documentStarts(events: readonly Event[]): number[] {
  const starts: number[] = [];
  events.forEach((event, i) => {
    if (event.type === EVENT_ID.DOCUMENT) {
      starts.push(i + 1);
    }
  });
  return starts;
}

/** Walks the events of one document down a path. */
function locate(text: string, events: readonly Event[], start: number, path: Path, of: 'key' | 'value'): Position {
  let at = start;
  let found = offsetOf(events[at]);
  for (const [depth, step] of path.entries()) {
    const next = child(text, events, at, step);
    if (next === undefined) {
      break;
    }
    at = next.value;
    found = of === 'key' && depth === path.length - 1 ? offsetOf(events[next.key]) : offsetOf(events[at]);
    if (found < 0) {
      found = offsetOf(events[next.key]);
    }
  }
  return positionOf(text, Math.max(0, found));
}

/** Index of the event of a key and of its value (of a list's item: twice the same). */
function child(
  text: string,
  events: readonly Event[],
  at: number,
  step: string | number,
): { key: number; value: number } | undefined {
  const parent = events[at];
  if (parent?.type === EVENT_ID.SEQUENCE) {
    let item = at + 1;
    for (let i = 0; events[item] && events[item]?.type !== EVENT_ID.POP; i++) {
      if (i === step) {
        return { key: item, value: item };
      }
      item = skip(events, item);
    }
  } else if (parent?.type === EVENT_ID.MAPPING) {
    let key = at + 1;
    while (events[key] && events[key]?.type !== EVENT_ID.POP) {
      const event = events[key] as Event;
      const value = skip(events, key);
      if (event.type === EVENT_ID.SCALAR && getScalarValue(text, event) === String(step)) {
        return { key, value };
      }
      key = skip(events, value);
    }
  }
  return undefined;
}

/** Index of the event after the node that begins at `at`. */
function skip(events: readonly Event[], at: number): number {
  let depth = 0;
  let i = at;
  do {
    const type = events[i]?.type;
    if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) {
      depth++;
    } else if (type === EVENT_ID.POP) {
      depth--;
    }
    i++;
  } while (depth > 0);
  return i;
}

const isQuoted = (style: number): boolean =>
  style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;

function offsetOf(event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return isQuoted(event.style) ? event.valueStart - 1 : event.valueStart;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    default:
      return -1;
  }
}

function positionOf(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', end + 1)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
