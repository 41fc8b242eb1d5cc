import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { explain } from '../../cli/commands/explain.js';
import { kubernetes } from '../../models/cluster.js';
import { runPage } from '../../reports/pages/run-page.js';
import { type RunResults, readResults } from '../../reports/sources/folder.js';
import { loadScenario } from '../../scenarios/load.js';
import { runToFolder } from '../../scenarios/run/to-folder.js';

const pod = (name: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'web', resources: { requests: { cpu, memory: '1Gi' } } }] },
});

const scenario = (record: readonly string[]) => ({
  apiVersion: 'kubewhen/v1',
  kind: 'Scenario',
  metadata: { name: 'why' },
  spec: {
    runFor: '2m',
    cluster: {
      pools: [
        { name: 'small', count: 2, capacity: { cpu: '1', memory: '4Gi', pods: '10' } },
        { name: 'large', count: 1, capacity: { cpu: '4', memory: '8Gi', pods: '10' } },
        { name: 'huge', count: 1, capacity: { cpu: '8', memory: '8Gi', pods: '10' } },
        { name: 'gpu', count: 1, taints: ['gpu=yes:NoSchedule'] },
      ],
    },
    manifests: [pod('web', '2'), pod('giant', '20')],
    actions: [{ at: '30s', addNodes: 'small' }],
    record,
  },
});

const DETAILS = ['scheduling', 'scheduling-verdicts', 'scheduling-scores'];

describe('kubewhen explain', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
    for (const [name, record] of Object.entries({ full: DETAILS, short: ['scheduling'], without: ['pods'] })) {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(file, JSON.stringify(scenario(record)));
      await runToFolder(loadScenario(file, kubernetes), { model: kubernetes, out: join(folder, name) });
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function told(name: string, pod: string, at?: string): string {
    const lines: string[] = [];
    explain({ folder: join(folder, name), pod, at }, (text) => lines.push(text));
    return stripVTControlCharacters(lines.join('\n'));
  }

  it('groups the nodes that were refused by plugin and reason', () => {
    const text = told('full', 'web');
    expect(text).toContain('scheduled to huge-0');
    expect(text).toContain('2 of 5 nodes looked at were feasible');
    expect(text).toMatch(/NodeResourcesFit │ Insufficient cpu +│ cannot help │ 2 +│ small-0/);
    expect(text).toMatch(/TaintToleration +│ node\(s\) had untolerated taint\(s\) │ cannot help │ 1 +│ gpu-0/);
  });

  it('shows the final score of every plugin and node, and what it adds to the total', () => {
    const text = told('full', 'web');
    // LeastAllocated: huge-0 (8 − 2)·100/8 = 75 and (8 − 1)·100/8 = 87 of memory, so 81; large-0 50 and 87, so 68.
    expect(text).toMatch(/huge-0 \(chosen\) │ \d+ +│ 100 → 300 +│ 81 → 81/);
    expect(text).toMatch(/large-0 +│ \d+ +│ 100 → 300 +│ 68 → 68/);
  });

  it('tells every attempt, or the last that had ended by a time', () => {
    // Tried again when small-2 comes: a node without taints is all that the hint of TaintToleration, which refused gpu-0, asks for.
    expect(told('full', 'giant')).toContain('default/giant: 2 attempts');
    expect(told('full', 'giant', '20s')).toContain('0/5 nodes are available');
    expect(told('full', 'giant', '20s')).not.toContain('attempt 2');
    expect(told('full', 'giant', '1m')).toContain('0/6 nodes are available');
    expect(() => told('full', 'giant', '1us')).toThrow('no attempt to place default/giant had ended by then');
  });

  it('tells what it can when details were not recorded, and what would tell more', () => {
    const text = told('short', 'web');
    expect(text).toContain('scheduled to huge-0');
    expect(text).toContain('Not recorded: scheduling-verdicts, scheduling-scores; add them to spec.record for more');
  });

  it('names what is wrong with a pod or a folder', () => {
    expect(() => told('full', 'wbe')).toThrow('UNKNOWN_OBJECT). Did you mean "default/web"?');
    expect(() => told('full', 'shop/web')).toThrow('the scheduler never took up a pod shop/web in this run');
    expect(() => told('without', 'web')).toThrow('this run did not record timeline scheduling');
    expect(() => told('nothing', 'web')).toThrow('there is no such folder');
    expect(() => told('full', 'web', 'soon')).toThrow('--at soon: invalid duration');
  });

  it('tells the same on the page of the run, where details were recorded', () => {
    const page = runPage(readResults(join(folder, 'full')) as RunResults);
    const table = (title: string) => page.sections.find((section) => section.title === title);
    expect(table('Scheduling attempts')).toMatchObject({ rows: { length: 3 } });
    expect(table('Nodes refused')).toMatchObject({
      rows: expect.arrayContaining([
        ['default/web', '1', 'NodeResourcesFit', 'Insufficient cpu', 'cannot help', '2', 'small-0 small-1'],
      ]),
    });
    expect(table('Scores')).toMatchObject({ columns: expect.arrayContaining(['NodeResourcesFit']) });
    const short = runPage(readResults(join(folder, 'short')) as RunResults);
    expect(short.sections.map(({ title }) => title)).not.toContain('Scheduling attempts');
  });

  it('changes nothing of the run', () => {
    const fingerprint = (name: string): string =>
      JSON.parse(readFileSync(join(folder, name, 'summary.json'), 'utf8')).fingerprint;
    expect(fingerprint('full')).toBe(fingerprint('without'));
  });
});
