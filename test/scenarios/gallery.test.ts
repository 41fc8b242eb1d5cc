import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedFolder, type GalleryRun, galleryEntries, runGalleryEntry } from '../../cli/update/golden.js';
import { ROOT } from '../tidy/source-files.js';

/** The most lines a timeline may have that people read in a diff. */
const LINES = 200;

function expectedFiles(entry: string): ReadonlyMap<string, string> {
  const folder = expectedFolder(ROOT, entry);
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

/** For two or three runs in a row on a machine that does other things too. */
const TIMEOUT_MS = 60_000;

/** Timelines alone: what two ways of running the same story must agree in. */
const timelinesOf = ({ files }: GalleryRun): Record<string, string> => Object.fromEntries(files);

describe.each(galleryEntries(ROOT))('gallery %s', (entry) => {
  let run: GalleryRun;
  beforeAll(async () => {
    run = await runGalleryEntry(ROOT, entry);
  }, TIMEOUT_MS);

  it('has a page that says what it shows', () => {
    const page = join(ROOT, 'scenarios/gallery', entry, 'README.md');
    expect(existsSync(page) && readFileSync(page, 'utf8')).toMatch(/^Shows: /);
  });

  it('meets every figure that its page tells', () => {
    expect(run.result.expectations.length).toBeGreaterThan(0);
    expect(run.result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('leaves the expected timelines, byte for byte; after a change that is meant, run `npm run golden`', () => {
    const expected = expectedFiles(entry);
    expect([...expected.keys()]).toEqual([...run.files.keys()].sort());
    for (const [name, text] of expected) {
      expect(`${name}\n${run.files.get(name)}`).toBe(`${name}\n${text}`);
    }
  });

  it(`has timelines of at most ${LINES} lines`, () => {
    const lines = [...run.files]
      .filter(([name]) => name.endsWith('.csv'))
      .map(([, text]) => text.split('\n').length - 1);
    expect(Math.max(...lines)).toBeLessThanOrEqual(LINES);
  });

  it(
    'gives the same bytes and the same fingerprint again, with the plain event queue too',
    async () => {
      const again = await runGalleryEntry(ROOT, entry);
      const plain = await runGalleryEntry(ROOT, entry, { eventQueue: 'plain' });
      expect(again.result.fingerprint).toBe(run.result.fingerprint);
      expect(plain.result.fingerprint).toBe(run.result.fingerprint);
      expect(timelinesOf(again)).toEqual(timelinesOf(run));
      expect(timelinesOf(plain)).toEqual(timelinesOf(run));
    },
    TIMEOUT_MS,
  );

  it(
    'is the same story when every heartbeat, monitor pass and probe is an event',
    async () => {
      const twin = await runGalleryEntry(ROOT, entry, { elideQuietEvents: false });
      expect(twin.result.eventCount).toBeGreaterThan(run.result.eventCount);
      expect(timelinesOf(twin)).toEqual(timelinesOf(run));
    },
    TIMEOUT_MS,
  );
});
