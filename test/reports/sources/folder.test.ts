import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunResults, readResults, type SweepResults } from '../../../reports/sources/folder.js';

const EXAMPLE = 'test/reports/example-run';
const SWEEP = 'test/reports/example-sweep';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const change = (file: string, edit: (text: string) => string): void =>
  writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), 'utf8')));

describe('the folder of a run', () => {
  const example = readResults(EXAMPLE) as RunResults;

  it('gives its summary, times in Micros', () => {
    const { kind, summary } = example;
    expect(kind).toBe('Run');
    expect(summary).toMatchObject({ name: 'example', seed: 42, ranUntil: 1_800_000_000 });
    expect(summary.faults[0]?.nodes[0]).toMatchObject({ node: 'worker-0', lastRenewedAt: 598_200_000 });
    expect(summary.inert).toEqual([{ kind: 'CustomResourceDefinition', count: 2 }]);
  });

  it('gives the rows of the timelines that were recorded', () => {
    const { timelines } = example;
    expect(timelines.pods?.[0]).toEqual({
      at: 20_000_000,
      row: {
        change: 'added',
        namespace: 'default',
        pod: 'web-7d9f-a',
        owner: 'ReplicaSet/web-7d9f',
        node: '',
        phase: 'Pending',
        reason: '',
        ready: '',
        disruption: '',
        deleting: 'false',
      },
    });
    expect(timelines.containers?.at(-1)?.row.restart_count).toBe(0);
    expect(timelines.events?.at(-1)?.row.message).toBe(
      'Container image "registry.example/web:<v2>" already present, "as is"',
    );
    expect(timelines['kubelet-evictions']).toBeUndefined();
  });

  it.each<[string, () => void, string]>([
    [
      'no summary',
      () => rmSync(join(folder, 'summary.json')),
      ': nothing in it says what ran; a folder of results holds summary.json',
    ],
    [
      'a summary that was cut off',
      () => truncateSync(join(folder, 'summary.json'), 40),
      'summary.json:3:18: this is not JSON, or it was cut off here',
    ],
    ['an empty summary', () => truncateSync(join(folder, 'summary.json')), 'summary.json:1:1: the file is empty'],
    [
      'a summary of something else',
      () => writeFileSync(join(folder, 'summary.json'), '{"name": "x", "version": 3}'),
      'summary.json inert: an object stands here in results of kubewhen, found nothing',
    ],
    [
      'a summary with a field of another type',
      () => change('summary.json', (text) => text.replace('"atSeconds": 600', '"atSeconds": "600"')),
      'summary.json faults[0].atSeconds: a number stands here in results of kubewhen, found "600"',
    ],
    [
      'a timeline that was cut off within a line',
      () => truncateSync(join(folder, 'nodes.csv'), 200),
      'nodes.csv:2: the last line does not end: the file was cut off here',
    ],
    [
      'a timeline that lacks a column',
      () => change('nodes.csv', (text) => text.replace('taints', 'taint')),
      'nodes.csv:1: there is no column taints; the first line has at_s, time, change, node, ready, reason, unschedulable, taint,',
    ],
    [
      'a line with a field too few',
      () => change('nodes.csv', (text) => text.replace('worker-1,', '')),
      'nodes.csv:3: 10 fields, but the first line names 11 columns',
    ],
    [
      'a time that is none',
      () => change('pods.csv', (text) => text.replace('\n20.1,', '\nsoon,')),
      'pods.csv:5: at_s is a number, not "soon"',
    ],
    [
      'a time before the one above',
      () => change('pods.csv', (text) => text.replace('\n20.1,', '\n19,')),
      'pods.csv:5: at_s goes back to 19; rows are in order',
    ],
    ['an empty timeline', () => truncateSync(join(folder, 'events.csv')), 'events.csv:1: the file is empty'],
    [
      'a timeline that is no text',
      () => writeFileSync(join(folder, 'events.csv'), Buffer.from([0x61, 0xff, 0xfe])),
      'events.csv: this is not UTF-8 text',
    ],
  ])('is refused with %s', (_, damage, message) => {
    cpSync(EXAMPLE, folder, { recursive: true });
    damage();
    expect(() => readResults(folder)).toThrow(message);
  });

  it('that does not exist, or is a file, is told as that', () => {
    expect(() => readResults(join(folder, 'none'))).toThrow('none: there is no such folder');
    expect(() => readResults(join(EXAMPLE, 'nodes.csv'))).toThrow('nodes.csv: this is a file');
  });
});

describe('the folder of a sweep', () => {
  it('gives axes, variants and runs', () => {
    const { summary, columns, runs } = readResults(SWEEP) as SweepResults;
    expect(summary.axes.map(({ name, values }) => [name, ...values])).toEqual([
      ['grace', '20s', '50s', '2m'],
      ['nodes', '3', '9'],
    ]);
    expect(summary.variants[1]?.values).toEqual(['20s', '9']);
    expect(summary.variants[1]?.measures.get('detection_s')).toMatchObject({ n: 3, mean: 23.1 });
    expect(columns).toEqual(['run', 'grace', 'nodes', 'seed', 'detection_s', 'recovery_s', 'fingerprint']);
    expect(runs).toHaveLength(18);
  });

  it('is refused without its runs', () => {
    cpSync(SWEEP, folder, { recursive: true });
    rmSync(join(folder, 'runs.csv'));
    expect(() => readResults(folder)).toThrow('runs.csv: this file is missing from the results');
  });
});
