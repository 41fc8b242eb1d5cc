import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The parts of a swagger v2 schema that the Kubernetes document uses. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}

/** A reduced document: models/api/openapi/*.json, written by reduce-openapi.ts. */
export interface OpenApi {
  readonly kubernetes: string;
  readonly definitions: Readonly<Record<string, Schema>>;
  /** Kind name to how the API serves it. */
  readonly kinds: Readonly<Record<string, ServedKind>>;
  /** "group/version/Kind" of other versions that decode into a kind, to their definition. */
  readonly alternatives: Readonly<Record<string, string>>;
  /** "group/version/Kind" of everything else that the API serves. */
  readonly served: readonly string[];
}

export interface ServedKind {
  readonly definition: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const REF_PREFIX = '#/definitions/';

export const refName = (ref: string): string => ref.slice(REF_PREFIX.length);

/** Short name of a definition: the last part of its path. */
export const shortName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);

/** A reduced document, and the custom resources that a cluster of any version may have. */
export function readOpenApi(path: string): OpenApi {
  const whole = JSON.parse(readFileSync(path, 'utf8')) as OpenApi;
  const custom = JSON.parse(readFileSync(join(dirname(path), 'custom-resources.json'), 'utf8')) as Pick<
    OpenApi,
    'definitions' | 'kinds'
  >;
  return {
    ...whole,
    definitions: { ...whole.definitions, ...custom.definitions },
    kinds: Object.fromEntries(Object.entries({ ...whole.kinds, ...custom.kinds }).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Definitions that a definition's fields name, in order of mention. */
export function refsOf(schema: Schema): string[] {
  const found: string[] = [];
  const visit = (s: Schema): void => {
    if (s.$ref) {
      found.push(refName(s.$ref));
    }
    for (const part of [s.items, s.additionalProperties, ...Object.values(s.properties ?? {})]) {
      if (part) {
        visit(part);
      }
    }
  };
  visit(schema);
  return found;
}
