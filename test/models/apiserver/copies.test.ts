import { readFileSync } from 'node:fs';
import type { Kind } from '../../../models/api/index.js';
import { strategiesFor } from '../../../models/apiserver/strategy.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';

const PARTS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Fields by kind, as the generated types have them. */
function fieldsOfKinds(): ReadonlyMap<string, readonly string[]> {
  const types = readFileSync(new URL('../../../../models/api/generated/types.ts', import.meta.url), 'utf8');
  const kinds = [...types.matchAll(/^export interface \w+ \{\n((?: {2}.*\n)+)\}/gm)].flatMap(([, body = '']) => {
    const kind = /readonly kind: '(\w+)'/.exec(body)?.[1];
    const fields = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field as string);
    return kind === undefined ? [] : [[kind, fields] as const];
  });
  return new Map(kinds);
}

describe('Copies of objects whose status is a subresource', () => {
  it('hold all there is: no such kind has a part besides spec and status', () => {
    const strategyOf = strategiesFor(defaultsFor('1.37') as Defaults);
    const withStatus = [...fieldsOfKinds()].filter(([kind]) => strategyOf(kind as Kind).hasStatus);
    expect(withStatus.map(([kind]) => kind)).toContain('Pod');
    expect(withStatus.filter(([, fields]) => fields.some((field) => !PARTS.includes(field)))).toEqual([]);
  });
});
