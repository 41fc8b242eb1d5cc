import type { Path } from '../schema/errors.js';
import { isRecord } from '../schema/shapes.js';
import type { Mention } from './files.js';

/** Where the parts of an assembled document came from: a place, and other places for parts that came from elsewhere. */
export interface Place extends Mention {
  readonly parts?: ReadonlyMap<string | number, Place>;
}

/** A value, and where each part of it was written. */
export interface Placed {
  readonly value: unknown;
  readonly place: Place;
}

/** The file and the path in it at which this part was written. */
export function placeOf(place: Place, path: Path): Mention {
  let at: Place = place;
  for (const [depth, step] of path.entries()) {
    const part = at.parts?.get(step);
    if (part === undefined) {
      return { origin: at.origin, path: [...at.path, ...path.slice(depth)] };
    }
    at = part;
  }
  return { origin: at.origin, path: at.path };
}

const partOf = ({ value, place }: Placed, step: string | number): Placed => ({
  value: Array.isArray(value) ? value[step as number] : (value as Record<string, unknown>)[step],
  place: place.parts?.get(step) ?? { origin: place.origin, path: [...place.path, step] },
});

/** Mappings are joined field by field and lists one after the other; of anything else `over` wins. */
export function join(base: Placed, over: Placed): Placed {
  if (isRecord(base.value) && isRecord(over.value)) {
    const keys = new Set([...Object.keys(base.value), ...Object.keys(over.value)]);
    const fields = [...keys].map((key) => {
      const isInBase = Object.hasOwn(base.value as object, key);
      const isInOver = Object.hasOwn(over.value as object, key);
      const part =
        isInBase && isInOver ? join(partOf(base, key), partOf(over, key)) : partOf(isInOver ? over : base, key);
      return [key, part] as const;
    });
    return {
      value: Object.fromEntries(fields.map(([key, part]) => [key, part.value])),
      place: { ...over.place, parts: new Map(fields.map(([key, part]) => [key, part.place])) },
    };
  }
  if (Array.isArray(base.value) && Array.isArray(over.value)) {
    const items = [...base.value.map((_, i) => partOf(base, i)), ...over.value.map((_, i) => partOf(over, i))];
    return {
      value: items.map((item) => item.value),
      place: { ...over.place, parts: new Map(items.map((item, i) => [i, item.place])) },
    };
  }
  return over;
}

/** The document with one value replaced or added; mappings on the way are made. Undefined when the path leads nowhere. */
export function withValue(document: Placed, path: Path, value: unknown, place: Place): Placed | undefined {
  const [step, ...rest] = path;
  if (step === undefined) {
    return { value, place };
  }
  const found = document.value ?? (typeof step === 'number' ? [] : {});
  const isList = Array.isArray(found);
  if (
    isList !== (typeof step === 'number') ||
    (!isList && !isRecord(found)) ||
    (isList && (step as number) > found.length)
  ) {
    return undefined;
  }
  const changed = withValue(partOf({ ...document, value: found }, step), rest, value, place);
  if (changed === undefined) {
    return undefined;
  }
  const parts = new Map([...(document.place.parts ?? []), [step, changed.place] as const]);
  const next = isList
    ? step === found.length
      ? [...found, changed.value]
      : found.with(step as number, changed.value)
    : { ...found, [step]: changed.value };
  return { value: next, place: { ...document.place, parts } };
}

/** Reads "spec.cluster.pools[0].count" and "metadata.labels[a/b]"; undefined when it is no path. */
export function parsePath(text: string): Path | undefined {
  const steps: (string | number)[] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, name, index, quoted, key] =
      /^(?:\.?([\w-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\[([^\]"]+)\])/.exec(rest) ?? [];
    if (whole === undefined) {
      return undefined;
    }
    steps.push(
      index !== undefined
        ? Number(index)
        : quoted !== undefined
          ? (JSON.parse(quoted) as string)
          : ((name ?? key) as string),
    );
    rest = rest.slice(whole.length);
  }
  return steps.length > 0 ? steps : undefined;
}
