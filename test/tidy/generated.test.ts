import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingOptionals } from '../../cli/update/lock.js';
import { GENERATED } from '../../cli/update/main.js';
import { ROOT } from './source-files.js';

describe('what is generated', () => {
  it.each(GENERATED.map((generated) => [generated.path, generated] as const))(
    '%s is what npm run update would write',
    async (path, generated) => {
      expect((await generated.render(ROOT)) === readFileSync(join(ROOT, path), 'utf8')).toBe(true);
    },
  );

  it('the lock file has an entry for every platform package and names no host', () => {
    const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect([...missingOptionals(JSON.parse(text)).keys()]).toEqual([]);
    expect(text).not.toMatch(/"resolved"|https?:\/\/[^"]*\/-\//);
  });
});
