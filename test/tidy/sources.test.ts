import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-files.js';

/** Lines that state a default and are not in the paragraph of a comment. */
function unsourced(text: string): string[] {
  const found: string[] = [];
  let isCovered = false;
  let isCited = false;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    // A comment that cites a source covers the group below it, too.
    if (trimmed === '' || (trimmed.endsWith('{') && !isCited)) {
      isCovered = false;
    }
    isCited = /^(\/\/|\/\*|\*).*\//.test(trimmed);
    if (/^(\/\/|\/\*|\*)/.test(trimmed) || /\/\/ \S/.test(trimmed)) {
      isCovered = true;
    }
    if (
      /^['\w.-]+: /.test(trimmed) &&
      !/\{(\},)?$/.test(trimmed) &&
      !trimmed.startsWith('kubernetesVersion:') &&
      !isCovered
    ) {
      found.push(trimmed);
    }
  }
  return found;
}

describe('every default of a Kubernetes version', () => {
  it.each(['v1-37.ts', 'features-v1-37.ts', 'policy-v1-37.ts', 'storage-v1-37.ts', 'workloads-v1-37.ts', 'v1-23.ts'])(
    'has a source beside it in %s',
    (file) => {
      const path = join('models/versions', file);
      expect(unsourced(readFileSync(join(ROOT, path), 'utf8'))).toEqual([]);
    },
  );
});
