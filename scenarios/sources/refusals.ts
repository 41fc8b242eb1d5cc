import type { ApiError } from '../../models/client-go/index.js';
import type { Problem } from '../schema/errors.js';
import { problemAt } from '../schema/problems.js';
import { parsePath } from './assembly.js';
import type { LoadedObject } from './manifests.js';

/** What the API server refused of an object, each cause at its place in the manifest. */
export function refusalProblems({ object, origin, path }: LoadedObject, error: ApiError): readonly Problem[] {
  const name = `${object.kind} ${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name}`;
  const causes = error.causes ?? [];
  if (causes.length === 0) {
    return [
      problemAt(origin, [...path, 'metadata', 'name'], {
        code: 'INVALID_OBJECT',
        message: `${name}: ${error.message}`,
      }),
    ];
  }
  return causes.map(({ field, message }) =>
    problemAt(origin, [...path, ...(parsePath(field) ?? [])], {
      code: 'INVALID_OBJECT',
      message: `${name}: ${message}`,
    }),
  );
}
