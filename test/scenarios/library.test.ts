import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ScenarioError, startRun } from '../../scenarios/index.js';
import { A_DEPLOYMENT, aScenario } from '../helpers/scenario-text.js';
import { ROOT } from '../tidy/source-files.js';

describe('the library', () => {
  it('runs a scenario step by step and shows the cluster on the way', () => {
    const run = startRun(aScenario('  record: [pods]\n'), { files: { 'shop.yaml': A_DEPLOYMENT } });
    expect(run.now).toBe(0);
    expect(run.step()).toBe(true);
    run.runUntil(10_000_000);
    expect([...run.cluster.list('Pod')]).toHaveLength(3);
    expect(run.rows('pods').filter(({ row }) => row.change === 'added')).toHaveLength(3);
    expect(run.rows('nodes')).toEqual([]);
    expect(run.finish().ranUntil).toBe(1_800_000_000);
    expect(run.step()).toBe(false);
  });

  it('gives the same fingerprint with both event queues', () => {
    const fingerprint = (eventQueue: 'plain' | 'fast'): string =>
      startRun(aScenario('  seed: 3\n'), { eventQueue, files: { 'shop.yaml': A_DEPLOYMENT } }).finish().fingerprint;
    expect(fingerprint('plain')).toBe(fingerprint('fast'));
  });

  it('tells mistakes as a list', () => {
    const attempt = (): unknown => startRun(aScenario('  seed: -1\n'), { files: { 'shop.yaml': A_DEPLOYMENT } });
    expect(attempt).toThrow(ScenarioError);
    expect(attempt).toThrow(
      'scenario.yaml:8:9 spec.seed: -1 is no seed: a whole number from 0 to 9007199254740991 (BAD_SEED)',
    );
  });

  it('bundles for a browser: nothing of Node is in it', async () => {
    const { errors, metafile } = await build({
      entryPoints: [join(ROOT, 'dist/scenarios/index.js')],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
    });
    expect(errors).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  });
});

it('the example of docs/how-to runs', () => {
  const page = readFileSync(join(ROOT, 'docs/how-to/run-from-typescript.md'), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(page) as unknown as [string, string];
  const folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
  const file = join(folder, 'example.mjs');
  writeFileSync(file, code.replace("'kubewhen'", `'${pathToFileURL(join(ROOT, 'dist/scenarios/index.js')).href}'`));
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stderr).toBe('');
  expect(stdout).toContain('faults: NodeCrash');
}, 60_000);
