import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guarded, OutputFolder } from '../../../scenarios/run/output.js';
import { runToFolder } from '../../../scenarios/run/to-folder.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const scenario = (spec = '') => load({ 's.yaml': aScenario(`  record: [nodes]\n${spec}`) });

describe('a run into a folder', () => {
  it('leaves timelines and a summary whose times are seconds', async () => {
    const out = join(folder, 'a/b');
    await runToFolder(scenario(), { model: apiOnlyModel(), out });
    expect(readdirSync(out).sort()).toEqual(['nodes.csv', 'summary.json']);
    expect(readFileSync(join(out, 'nodes.csv'), 'utf8')).toMatch(
      /^at_s,time,change,node,.*\n-30,2025-12-31T23:59:30Z,added,worker-0,True,/,
    );
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ name: 'shop', kubernetesVersion: '1.37', seed: 0, ranUntilSeconds: 1800 });
    expect(summary.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
  });

  it('gives the same bytes twice, and others with another seed', async () => {
    const bytes = async (seed: number, name: string): Promise<string> => {
      const out = join(folder, name);
      await runToFolder(scenario(`  seed: ${seed}\n  world: {apiCall: {exponential: {mean: 5ms}}}\n`), {
        model: apiOnlyModel(),
        out,
      });
      return readFileSync(join(out, 'summary.json'), 'utf8');
    };
    const first = await bytes(1, 'one');
    expect(await bytes(1, 'two')).toBe(first);
    expect(await bytes(2, 'three')).not.toBe(first);
  });

  it('that is cancelled leaves nothing', async () => {
    const whileItGoes: string[][] = [];
    const result = await runToFolder(scenario(), {
      model: apiOnlyModel(),
      out: join(folder, 'out'),
      isCancelled: () => {
        whileItGoes.push(readdirSync(join(folder, '.out.partial')));
        return true;
      },
    });
    expect(result).toBeUndefined();
    expect(whileItGoes).toEqual([['nodes.csv']]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('whose report does not fit on the disk leaves nothing and says so', async () => {
    const options = { model: apiOnlyModel(), out: join(folder, 'out'), junit: '/dev/full' };
    await expect(runToFolder(scenario(), options)).rejects.toThrow(
      'cannot write /dev/full: no space is left on the disk (DISK_FULL)',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('an output folder', () => {
  it('replaces older results', () => {
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out/summary.json'), '{}');
    writeFileSync(join(folder, 'out/old.csv'), '');
    const output = new OutputFolder(join(folder, 'out'));
    expect(existsSync(join(folder, 'out/old.csv'))).toBe(true);
    output.publish({});
    expect(readdirSync(join(folder, 'out'))).toEqual(['summary.json']);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('touches nothing that is not ours', () => {
    writeFileSync(join(folder, 'thesis.tex'), '');
    expect(() => new OutputFolder(folder)).toThrow(/holds something else than results of kubewhen \(OUTPUT\)/);
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  it('cannot be a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new OutputFolder(join(folder, 'file/out'))).toThrow(
      /a file stands where a folder should be \(OUTPUT\)/,
    );
  });
});

it("errors that are not the disk's are passed on", () => {
  expect(() => guarded('x', () => JSON.parse('{'))).toThrow(SyntaxError);
});
