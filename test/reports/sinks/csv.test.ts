import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Micros, TimelineSpec } from '../../../engine/index.js';
import { CsvSink } from '../../../reports/sinks/csv.js';
import { formatAt, rfc3339 } from '../../../reports/sinks/times.js';

interface Row {
  readonly pod: string;
  readonly since: Micros;
  readonly took: Micros | undefined;
  readonly count: number;
}

const SPEC: TimelineSpec<Row> = {
  name: 'rows',
  help: '',
  columns: {
    pod: { type: 'text', help: '' },
    since: { type: 'time', help: '' },
    took: { type: 'duration', help: '' },
    count: { type: 'integer', help: '' },
  },
};

const START = Date.parse('2026-01-01T00:00:00Z') / 1000;

describe('a CSV sink', () => {
  let folder: string;
  let now: Micros;
  let sink: CsvSink;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
    now = 0;
    sink = new CsvSink({ folder, now: () => now, startTime: START });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('begins every row with at_s and time', () => {
    const timeline = sink.open(SPEC);
    now = 610_250_000;
    timeline.append({ pod: 'a,"b"\nc', since: -1_000_000, took: 1, count: 3 });
    timeline.append({ pod: '', since: 0, took: undefined, count: 0 });
    sink.close();
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe(
      'at_s,time,pod,since,took,count\n' +
        '610.25,2026-01-01T00:10:10.25Z,"a,""b""\nc",2025-12-31T23:59:59Z,0.000001,3\n' +
        '610.25,2026-01-01T00:10:10.25Z,,2026-01-01T00:00:00Z,,0\n',
    );
  });

  it('writes as the run goes', () => {
    const timeline = sink.open(SPEC);
    for (let i = 0; i < 2500; i++) {
      timeline.append({ pod: 'p', since: 0, took: 0, count: i });
    }
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8').split('\n').length).toBeGreaterThan(1999);
    sink.close();
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8').split('\n')).toHaveLength(2502);
  });

  it('fails with ENOSPC on a full disk', () => {
    symlinkSync('/dev/full', join(folder, 'rows.csv'));
    sink.open(SPEC);
    expect(() => sink.close()).toThrow(/ENOSPC/);
  });
});

describe('times', () => {
  it.each([
    [0, '0'],
    [1, '0.000001'],
    [-1_500_000, '-1.5'],
    [86_400_000_000, '86400'],
  ])('%d µs are %s s', (at, text) => {
    expect(formatAt(at)).toBe(text);
  });

  it('are RFC 3339 on the wall clock of the run', () => {
    expect(rfc3339(0, START)).toBe('2026-01-01T00:00:00Z');
    expect(rfc3339(59 * 86_400_000_000, START)).toBe('2026-03-01T00:00:00Z');
    expect(rfc3339(500_000, START + 0.25)).toBe('2026-01-01T00:00:00.75Z');
    expect(rfc3339(-1, 0)).toBe('1969-12-31T23:59:59.999999Z');
  });
});
