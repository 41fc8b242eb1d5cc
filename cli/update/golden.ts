import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetes } from '../../models/cluster.js';
import type { RunResult } from '../../scenarios/index.js';
import { loadScenario, runToFolder, type ToFolderOptions } from '../../scenarios/node.js';
import { toSummary } from '../../scenarios/run/summary.js';

const GALLERY = 'scenarios/gallery';

/** What a gallery scenario left. */
export interface GalleryRun {
  readonly result: RunResult;
  /** Text of every file that stands in its `expected` folder, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The folders of the gallery, in order: "01-node-crash". */
export const galleryEntries = (root: string): readonly string[] =>
  readdirSync(join(root, GALLERY), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

export const expectedFolder = (root: string, entry: string): string => join(root, GALLERY, entry, 'expected');

/** Runs a scenario of the gallery. */
export async function runGalleryEntry(
  root: string,
  entry: string,
  options: Pick<ToFolderOptions, 'eventQueue' | 'elideQuietEvents'> = {},
): Promise<GalleryRun> {
  const scenario = loadScenario(join(root, GALLERY, entry, 'scenario.yaml'), kubernetes);
  const parent = mkdtempSync(join(tmpdir(), 'kubewhen-'));
  try {
    const out = join(parent, entry);
    const result = (await runToFolder(scenario, { ...options, model: kubernetes, out })) as RunResult;
    const files = new Map(csvFiles(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]));
    return { result, files: files.set('figures.json', figures(toSummary(result))) };
  } finally {
    rmSync(parent, { recursive: true });
  }
}

const csvFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort();

/** What the summary tells of the story; not what changes with every release. */
const figures = ({ actions, faults }: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ actions, faults }, null, 2)}\n`;

/** Writes the expected files of every gallery scenario anew; tells of expectations that fail. `npm run golden`. */
async function golden(root: string): Promise<boolean> {
  let isGood = true;
  for (const entry of galleryEntries(root)) {
    const { result, files } = await runGalleryEntry(root, entry);
    const folder = expectedFolder(root, entry);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, text] of files) {
      writeFileSync(join(folder, name), text);
    }
    const failed = result.expectations.filter(({ ok }) => !ok);
    isGood &&= failed.length === 0;
    console.log(`${entry}: ${files.size} files, ${result.expectations.length - failed.length} expectations hold`);
    for (const { name, at, reason } of failed) {
      console.log(`  broken at ${(at ?? 0) / 1e6} s: ${name}: ${reason}`);
    }
  }
  return isGood;
}

if (process.argv[1]?.endsWith('update/golden.js')) {
  process.exitCode = (await golden(process.cwd())) ? 0 : 1;
}
