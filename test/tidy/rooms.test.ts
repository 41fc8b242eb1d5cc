import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, ROOT } from './source-files.js';

/** Folders that are no component: vocabulary, tools, the physical world, and what joins the rooms. */
const SHARED = ['api', 'versions', 'client-go', 'world', 'apiserver', 'cluster'];

const rooms = readdirSync(join(ROOT, 'models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
  .map((entry) => `models/${entry.name}`)
  .sort();

describe.each(rooms)('the room %s', (room) => {
  const files = filesBelow(room);

  it('has a door, a README, and decisions apart from the living part', () => {
    for (const file of ['index.ts', 'README.md', 'component.ts']) {
      expect(files).toContain(`${room}/${file}`);
    }
  });

  it('says in its README what it mirrors and what is left out', () => {
    const text = readFileSync(join(ROOT, room, 'README.md'), 'utf8');
    expect(text).toMatch(/Mirrors/i);
    expect(text).toMatch(/Left out/i);
  });

  it('decides without looking at the clock, the server or chance', () => {
    for (const path of files.filter((file) => file.endsWith('/decisions.ts'))) {
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect([path, /from '.*(client-go|simulation|apiserver|random)[^']*'/.exec(text)?.[0]]).toEqual([
        path,
        undefined,
      ]);
    }
  });
});
