import type { AnyObject } from './object.js';

/** Where kubectl keeps what was applied last: corev1.LastAppliedConfigAnnotation. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Json = Readonly<Record<string, unknown>>;

/**
 * The annotation's value for a manifest, in JSON: as kubectl pkg/util GetModifiedConfiguration, keys in order, without the annotation
 * itself.
 */
export function lastAppliedText(manifest: object): string {
  const { metadata = {} } = manifest as { metadata?: Json };
  const { [LAST_APPLIED]: _, ...annotations } = (metadata['annotations'] ?? {}) as Json;
  const text = JSON.stringify(sorted({ ...manifest, metadata: { ...metadata, annotations } }));
  // Go's encoder writes these so, for browsers.
  return `${text.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** What the annotation says was applied last; undefined without one. */
export function lastAppliedOf({ metadata }: AnyObject): AnyObject | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  return text === undefined ? undefined : (JSON.parse(text) as AnyObject);
}

export function withLastApplied<T extends AnyObject>(object: T, text: string): T {
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED]: text };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, found]) => found !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, found]) => [key, sorted(found)]));
}
