import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandRuns, expandVariants, readSweep } from '../../../scenarios/experiment/expand.js';
import { interval } from '../../../scenarios/experiment/statistics.js';
import { runSweep, type SweepOptions } from '../../../scenarios/experiment/sweep.js';
import { Problems, ScenarioError } from '../../../scenarios/schema/errors.js';
import { assemble, override } from '../../../scenarios/sources/document.js';
import { memoryFiles } from '../../../scenarios/sources/files.js';
import { nodeFiles } from '../../../scenarios/sources/node-files.js';
import { resolveScenario } from '../../../scenarios/sources/resolve.js';
import { A_CATALOGUE, A_DEPLOYMENT, aScenario } from '../../helpers/scenario-text.js';
import { model } from '../../helpers/sweep-model.js';

const SWEEP = `apiVersion: kubewhen/v1
kind: Sweep
metadata: {name: grace}
spec:
  scenario: s.yaml
  axes:
  - {path: --node-monitor-grace-period, values: [20s, 50s]}
  - {name: nodes, path: "spec.cluster.pools[0].count", values: [3, 6, 9]}
  seeds: {from: 5, count: 2}
`;

const read = (text: string) => readSweep(memoryFiles({ 'w.yaml': text }), 'w.yaml');

describe('a sweep', () => {
  it('is every combination of its axes, the last fastest, with every seed', () => {
    const runs = expandRuns(read(SWEEP));
    expect(runs.map(({ key, variant, seed }) => [key, ...variant.labels, seed].join(' ')).slice(0, 5)).toEqual([
      'v0-s5 20s 3 5',
      'v0-s6 20s 3 6',
      'v1-s5 20s 6 5',
      'v1-s6 20s 6 6',
      'v2-s5 20s 9 5',
    ]);
    expect(runs).toHaveLength(12);
    expect(expandVariants(read(SWEEP))[0]?.overrides).toEqual([
      {
        path: '--node-monitor-grace-period',
        value: '20s',
        file: 'w.yaml',
        at: { path: ['spec', 'axes', 0, 'values', 0], position: { line: 7, column: 50 } },
      },
      {
        path: 'spec.cluster.pools[0].count',
        value: 3,
        file: 'w.yaml',
        at: { path: ['spec', 'axes', 1, 'values', 0], position: { line: 8, column: 65 } },
      },
    ]);
  });

  it.each([
    [
      'without values',
      SWEEP.replace('[20s, 50s]', '[]'),
      /axes\[0\]\.values: an empty list is too small: at least 1 entries/,
    ],
    [
      'with two axes of one name',
      SWEEP.replace('{name: nodes,', '{name: node-monitor-grace-period,'),
      /two axes are called node-monitor-grace-period \(DUPLICATE_NAME\)/,
    ],
    ['with bad seeds', SWEEP.replace('{from: 5, count: 2}', '[1, -2]'), /seeds\[1\]: -2 is too small: at least 0/],
    ['that is a scenario', aScenario(), /this is a Scenario, not a Sweep \(UNKNOWN_KIND\)\. Try: kubewhen run w\.yaml/],
  ])('%s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

it('the mistakes of its variants are told once, where the values are written', () => {
  const text = SWEEP.replace('-grace-period, values: [20s, 50s]', '-grace-perod, values: [20s]').replace(
    '[3, 6',
    '[-3, 6',
  );
  const files = memoryFiles({ 's.yaml': aScenario(), 'shop.yaml': A_DEPLOYMENT });
  const problems = new Problems();
  for (const { overrides } of expandVariants(read(text))) {
    problems.catch(() =>
      resolveScenario(override(assemble(files, 's.yaml'), overrides), files, { catalogue: () => A_CATALOGUE }),
    );
  }
  expect(() => problems.throwIfAny()).toThrow(
    [
      'w.yaml:7:49 spec.axes[0].values[0]: unknown flag: --node-monitor-grace-perod (BAD_FLAG). Did you mean "--node-monitor-grace-period"?',
      'w.yaml:8:65 spec.axes[1].values[0]: -3 is too small: at least 0 (BAD_VALUE)',
    ].join('\n'),
  );
});

// Student's t at 97.5 %: 2.262157 for 9 degrees of freedom (any table).
it("an interval is the mean and its 95 % confidence by Student's t", () => {
  const found = interval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // Variance 82.5 / 9 = 9.1667; standard error √(9.1667 / 10) = 0.95743; 2.262157 × 0.95743 = 2.16586.
  expect(found?.mean).toBe(5.5);
  expect(found?.halfWidth).toBeCloseTo(2.16586, 4);
  expect(interval([4])).toEqual({ n: 1, mean: 4, halfWidth: undefined });
  expect(interval([])).toBeUndefined();
});

/** Worker threads start slowly on a busy machine. */
const PATIENCE = 120_000;

describe('a sweep on worker threads', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
    writeFileSync(join(folder, 'shop.yaml'), A_DEPLOYMENT);
    writeFileSync(join(folder, 's.yaml'), aScenario('  faults: [{at: 1m, kind: NodeCrash, count: 1}]\n'));
    writeFileSync(join(folder, 'w.yaml'), SWEEP);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (out: string, changes: Partial<SweepOptions> = {}): Promise<boolean> =>
    runSweep(readSweep(nodeFiles, join(folder, 'w.yaml')), {
      model,
      modelSource: { module: new URL('../../helpers/sweep-model.js', import.meta.url).href, name: 'model' },
      out: join(folder, out),
      workers: 2,
      onProgress: () => {},
      isCancelled: () => false,
      ...changes,
    });
  const bytes = (out: string): string =>
    ['runs.csv', 'summary.csv'].map((name) => readFileSync(join(folder, out, name), 'utf8')).join();

  it(
    'leaves a row a run, in order, and a summary',
    async () => {
      expect(await run('one')).toBe(true);
      const rows = readFileSync(join(folder, 'one/runs.csv'), 'utf8').trim().split('\n');
      expect(rows[0]).toMatch(/^run,node-monitor-grace-period,nodes,seed,detection_s,.*,fingerprint$/);
      expect(
        rows
          .slice(1)
          .map((row) => row.split(',').slice(0, 4).join(' '))
          .slice(0, 3),
      ).toEqual(['v0-s5 20s 3 5', 'v0-s6 20s 3 6', 'v1-s5 20s 6 5']);
      expect(rows).toHaveLength(13);
      expect(readdirSync(join(folder, 'one')).sort()).toEqual(['runs.csv', 'summary.csv', 'summary.json']);
    },
    PATIENCE,
  );

  it(
    'stopped and begun again does only what is missing, and ends with the same bytes',
    async () => {
      await run('whole');
      let done = 0;
      const onProgress = (count: number): void => {
        done = count;
      };
      const isComplete = await run('parts', { onProgress, isCancelled: () => done >= 2 });
      const begun: number[] = [];
      await run('parts', { onProgress: (count) => begun.push(count) });
      expect(begun[0]).toBeGreaterThanOrEqual(isComplete ? 0 : 2);
      expect(bytes('parts')).toBe(bytes('whole'));
    },
    PATIENCE,
  );

  it(
    'tells the mistakes of every variant before anything runs',
    async () => {
      writeFileSync(join(folder, 'w.yaml'), SWEEP.replace('[20s, 50s]', '[20s, fast]'));
      await expect(run('bad')).rejects.toThrow(ScenarioError);
      expect(readdirSync(folder).sort()).toEqual(['s.yaml', 'shop.yaml', 'w.yaml']);
    },
    PATIENCE,
  );
});
