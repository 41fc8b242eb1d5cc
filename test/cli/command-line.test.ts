import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { overridesOf } from '../../cli/commands/options.js';
import { VERSION } from '../../scenarios/version.js';
import { ROOT } from '../tidy/source-files.js';

const kubewhen = (...words: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), ...words], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

/** Processes start slowly on a busy machine. */
const PATIENCE = 60_000;

describe('the command line', () => {
  it(
    'shows what there is, with examples',
    () => {
      const { status, stdout } = kubewhen('run', '--help');
      expect(status).toBe(0);
      expect(stdout).toContain('kubewhen run <scenario>');
      expect(stdout).toContain('kubewhen run crash.yaml --seed 7 --out out/seven');
    },
    PATIENCE,
  );

  it('says its version', () => {
    expect(kubewhen('--version').stdout).toBe(`${VERSION}\n`);
    expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version).toBe(VERSION);
  });

  it.each([
    [['rum', 'x.yaml'], 'Did you mean run?\nTry: kubewhen --help\n'],
    [
      ['run', 'x.yaml', '--sede', '5'],
      'unknown option or argument: sede (BAD_OPTION). Did you mean "seed"?\nTry: kubewhen --help\n',
    ],
    [['run', 'x.yaml', '--seed'], 'Not enough arguments following: seed\nTry: kubewhen --help\n'],
    [['run', 'x.yaml'], 'there is no file x.yaml (FILE_MISSING)\n'],
    [
      ['run', 'x.yaml', '--seed', 'many'],
      '--seed many: a seed is a whole number from 0 to 9007199254740991 (BAD_SEED)\n',
    ],
    [
      ['run', 'x.yaml', '--set', 'runFor'],
      '--set runFor is no assignment (BAD_OPTION). Written like --set spec.runFor=1h\n',
    ],
    [
      ['run', 'scenarios/gallery/03-crash-loop/scenario.yaml', '--set', '--node-monitor-perod=3s', '--out', 'out/x'],
      expect.stringContaining('unknown flag: --node-monitor-perod (BAD_FLAG). Did you mean "--node-monitor-period"?'),
    ],
    [['validate', 'package.json'], expect.stringMatching(/^package\.json:\d+:\d+: a Scenario begins with apiVersion/)],
  ])(
    '%j is a mistake: exit code 2',
    (words, message) => {
      expect(kubewhen(...words)).toEqual({ status: 2, stdout: '', stderr: message });
      expect(existsSync('out/x')).toBe(false);
    },
    PATIENCE,
  );
});

describe('options become values of the scenario', () => {
  it('read as YAML', () => {
    expect(
      overridesOf({ set: ['spec.seed=7', 'record=[pods]', 'metadata.name=x=y', '--node-eviction-rate=0.2'] }),
    ).toEqual([
      { path: 'spec.seed', value: 7 },
      { path: 'record', value: ['pods'] },
      { path: 'metadata.name', value: 'x=y' },
      { path: '--node-eviction-rate', value: 0.2 },
    ]);
  });

  it('but for a version, which looks like a number', () => {
    const path = 'spec.kubernetesVersion';
    expect(overridesOf({ set: [`${path}=1.30`] })).toEqual([{ path, value: '1.30' }]);
  });

  it('with --seed and --until last', () => {
    expect(overridesOf({ seed: '3', until: '5m' })).toEqual([
      { path: 'spec.seed', value: 3 },
      { path: 'spec.runFor', value: '5m' },
    ]);
  });
});
