import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderApiSchemas } from './api-schemas.js';
import { renderApiTypes } from './api-types.js';
import { renderFigureReference } from './figure-reference.js';
import { completeLock } from './lock.js';
import { renderMergeSchema } from './merge-schema.js';
import { readOpenApi } from './openapi.js';
import { renderErrorReference, renderScenarioReference, renderSchema } from './scenario-reference.js';

/** What is generated and committed: path from the project's root, and how it is made. */
export interface Generated {
  readonly path: string;
  render(root: string): string | Promise<string>;
}

export const GENERATED: readonly Generated[] = [
  {
    path: 'models/api/generated/types.ts',
    render: (root) => renderApiTypes(readOpenApi(join(root, 'models/api/openapi/v1-37.json'))),
  },
  {
    path: 'models/api/generated/schemas.ts',
    render: (root) =>
      renderApiSchemas(
        readOpenApi(join(root, 'models/api/openapi/v1-37.json')),
        readOpenApi(join(root, 'models/api/openapi/v1-23.json')),
      ),
  },
  {
    path: 'scenarios/actions/generated/merge-schema.ts',
    render: (root) => renderMergeSchema(readOpenApi(join(root, 'models/api/openapi/v1-37.json'))),
  },
  { path: 'docs/reference/kubewhen.schema.json', render: renderSchema },
  { path: 'docs/reference/scenario.md', render: renderScenarioReference },
  { path: 'docs/reference/errors.md', render: renderErrorReference },
  { path: 'docs/reference/figures.md', render: renderFigureReference },
  { path: 'package-lock.json', render: completeLock },
];

/** Writes every generated file. `npm run update`. */
export async function update(root: string): Promise<void> {
  for (const { path, render } of GENERATED) {
    writeFileSync(join(root, path), await render(root));
  }
}

if (process.argv[1]?.endsWith('update/main.js')) {
  await update(process.cwd());
}
