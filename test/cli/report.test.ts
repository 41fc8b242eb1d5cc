import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from '../../cli/commands/report.js';
import { kubernetes } from '../../models/cluster.js';
import { measure } from '../../reports/index.js';
import { type RunResults, readResults } from '../../reports/sources/folder.js';
import { runOne } from '../../scenarios/experiment/run-one.js';
import { loadScenario } from '../../scenarios/load.js';
import { runToFolder } from '../../scenarios/run/to-folder.js';

const GALLERY_01 = 'scenarios/gallery/01-node-crash/scenario.yaml';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const command = (results: string, out?: string): string => {
  let printed = '';
  const code = report({ folder: results, out }, (text) => {
    printed += text;
  });
  return `${code}: ${printed}`;
};

describe('kubewhen report', () => {
  it('writes the report into the folder of the results, or where it is told to', () => {
    const results = join(folder, 'results');
    cpSync('test/reports/example-run', results, { recursive: true });
    expect(command(results)).toBe(`0: report       ${join(results, 'report.html')}`);
    const file = join(folder, 'elsewhere.html');
    expect(command(results, file)).toBe(`0: report       ${file}`);
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(results, 'report.html'), 'utf8'));
    expect(readdirSync(folder).sort()).toEqual(['elsewhere.html', 'results']);
  });

  it('says what is wrong with results, as a mistake with its place', () => {
    cpSync('test/reports/example-run', folder, { recursive: true });
    truncateSync(join(folder, 'pods.csv'), 700);
    expect(() => command(folder)).toThrow(
      `${folder}/pods.csv:8:1: the last line does not end: the file was cut off here (BAD_RESULTS)`,
    );
    expect(existsSync(join(folder, 'report.html'))).toBe(false);
    expect(() => command('nowhere')).toThrow(
      'nowhere: there is no such folder; a folder of results holds summary.json',
    );
  });

  it('says where it cannot write', () => {
    const file = join(folder, 'none/report.html');
    expect(() => command('test/reports/example-run', file)).toThrow(
      `cannot write ${file}: its folder does not exist (OUTPUT)`,
    );
    expect(() => command('test/reports/example-run', '/dev/full')).toThrow(
      'cannot write /dev/full: no space is left on the disk (DISK_FULL)',
    );
    expect(() => command('test/reports/example-run', folder)).toThrow(
      `cannot write ${folder}: a folder stands where a file should be (OUTPUT)`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('gallery 01, run twice', () => {
  it('gives the same report, and from its files the same figures as a sweep keeps from memory', async () => {
    const scenario = loadScenario(GALLERY_01, kubernetes);
    for (const name of ['one', 'two']) {
      await runToFolder(scenario, { model: kubernetes, out: join(folder, name) });
      command(join(folder, name));
    }
    const pageOf = (name: string): string => readFileSync(join(folder, name, 'report.html'), 'utf8');
    expect(pageOf('one') === pageOf('two')).toBe(true);
    const { summary, timelines } = readResults(join(folder, 'one')) as RunResults;
    const fromFiles = measure({ endsAt: summary.ranUntil, faults: summary.faults, timelines });
    const sweepRun = runOne({ scenario: GALLERY_01, overrides: [], seed: scenario.seed }, kubernetes);
    const { failed_expectations, events, ...inMemory } = sweepRun.measures;
    expect([failed_expectations, events]).toEqual([0, summary.eventCount]);
    expect(sweepRun.fingerprint).toBe(summary.fingerprint);
    // Fields that are absent in JSON are undefined here and there; sweeps record more than this scenario does.
    for (const [name, value] of Object.entries(fromFiles).filter(([, found]) => found !== undefined)) {
      expect([name, inMemory[name]]).toEqual([name, value]);
    }
    const [{ nodes, services }] = summary.faults as [(typeof summary.faults)[number]];
    const since = (at: number | undefined): number => ((at ?? Number.NaN) - 300e6) / 1e6;
    expect(fromFiles.detection_s).toBe(since(nodes[0]?.noticedAt));
    expect(fromFiles.recovery_s).toBe(since(services[0]?.wholeAt));
  }, 60_000);
});
