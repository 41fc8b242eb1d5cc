import { join } from 'node:path';
import { runFile, vectorFiles } from './runner/main.js';

const ROOT = join(process.cwd(), 'test/vectors');
const files = vectorFiles([ROOT]).map((path) => path.slice(ROOT.length + 1));

describe('decisions recorded from the real components', () => {
  it.each(files)('%s: every case is equal', async (name) => {
    const result = await runFile(join(ROOT, name));
    expect(result.problem).toBeUndefined();
    expect(result.total).toBeGreaterThan(0);
    expect(result.unequal.map(({ id, difference }) => `case ${id}: ${difference}`)).toEqual([]);
  });
});
