import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reduceOpenApi, type WholeOpenApi } from '../../../cli/update/reduce-openapi.js';

const schemaOf = (group: string, version: string, kind: string, ref?: string) => ({
  type: 'object',
  properties: ref ? { spec: { $ref: `#/definitions/${ref}` } } : {},
  'x-kubernetes-group-version-kind': [{ group, version, kind }],
});

const listed = (kind: string) => ({ get: ['list', kind], post: ['post', kind] }) as const;

const WHOLE: WholeOpenApi = {
  kubernetes: 'v1.99.0',
  definitions: {
    'a.v1.Widget': schemaOf('a', 'v1', 'Widget', 'a.v1.WidgetSpec'),
    'a.v1.WidgetSpec': { type: 'object', properties: {} },
    'a.v2.Widget': schemaOf('a', 'v2', 'Widget'),
    'batch.v1.CronJob': schemaOf('batch', 'v1', 'CronJob'),
    'batch.v1beta1.CronJob': schemaOf('batch', 'v1beta1', 'CronJob'),
    unreached: { type: 'object' },
  },
  paths: {
    '/apis/a/v1/namespaces/{namespace}/widgets': listed('a/v1/Widget'),
    '/apis/a/v2/namespaces/{namespace}/widgets': listed('a/v2/Widget'),
    '/apis/a/v2/namespaces/{namespace}/widgets/{name}': { get: ['get', 'a/v2/Widget'] },
    '/apis/batch/v1/cronjobs': listed('batch/v1/CronJob'),
    '/apis/batch/v1beta1/cronjobs': listed('batch/v1beta1/CronJob'),
  },
};

describe('the reduced OpenAPI document', () => {
  it('has the newest stable version of each kind, what converts to it, and the names of the rest', () => {
    const reduced = JSON.parse(reduceOpenApi(WHOLE));
    expect(reduced.kinds.Widget).toEqual({
      definition: 'a.v2.Widget',
      apiVersion: 'a/v2',
      plural: 'widgets',
      namespaced: true,
    });
    expect(reduced.alternatives).toEqual({ 'batch/v1beta1/CronJob': 'batch.v1beta1.CronJob' });
    expect(reduced.served).toEqual(['a/v1/Widget']);
    expect(Object.keys(reduced.definitions)).toEqual(['a.v2.Widget', 'batch.v1.CronJob', 'batch.v1beta1.CronJob']);
  });

  it('is what lies in models/api/openapi, where the whole documents are at hand', () => {
    for (const [whole, reduced] of [
      ['v1.37.2', 'v1-37'],
      ['v1.23.17', 'v1-23'],
    ]) {
      const path = join(process.cwd(), `../shared/openapi/${whole}.json`);
      if (existsSync(path)) {
        const expected = reduceOpenApi(JSON.parse(readFileSync(path, 'utf8')));
        expect(readFileSync(`models/api/openapi/${reduced}.json`, 'utf8') === expected).toBe(true);
      }
    }
  });
});
