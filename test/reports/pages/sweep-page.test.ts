import type { LineChart, Table } from '../../../reports/pages/page-data.js';
import { sweepPage } from '../../../reports/pages/sweep-page.js';
import { readResults, type SweepResults } from '../../../reports/sources/folder.js';

const example = readResults('test/reports/example-sweep') as SweepResults;
const page = sweepPage(example);

const chart = (title: string, found = page): LineChart =>
  found.sections.find((section) => section.title === title) as LineChart;

/** The example with other values on its first axis. */
const withValues = (values: readonly string[]): SweepResults => {
  const { summary } = example;
  const [first, second] = summary.axes;
  const rename = (value: string): string => values[first?.values.indexOf(value) ?? -1] ?? '';
  return {
    ...example,
    summary: {
      ...summary,
      axes: [{ name: 'grace', path: 'p', values }, ...(second ? [second] : [])],
      variants: summary.variants.map((variant) => ({
        ...variant,
        values: [rename(variant.values[0] ?? ''), variant.values[1] ?? ''],
      })),
    },
  };
};

describe('the page of a sweep', () => {
  it('draws each figure over each axis, a line for each combination of the others, with intervals', () => {
    const { x, lines } = chart('detection_s by grace');
    expect(x).toEqual({ type: 'number', name: 'grace, seconds' });
    expect(lines.map(({ name, points }) => [name, points])).toEqual([
      [
        'nodes 3',
        [
          [20, 22.5],
          [50, 52.5],
          [120, 122.5],
        ],
      ],
      [
        'nodes 9',
        [
          [20, 23.1],
          [50, 53.1],
          [120, 123.1],
        ],
      ],
    ]);
    // Three values 1.5 apart: their standard deviation is 1.5, t(0.975; 2) = 4.302653: 4.302653 · 1.5 ÷ √3 = 3.726207.
    const [low, high] = lines[0]?.intervals?.[0] ?? [];
    expect([low, high]).toEqual([expect.closeTo(22.5 - 3.726207, 6), expect.closeTo(22.5 + 3.726207, 6)]);
  });

  it('shows numbers to scale and anything else side by side', () => {
    expect(chart('detection_s by nodes').x).toEqual({ type: 'number', name: 'nodes' });
    const named = chart('detection_s by grace', sweepPage(withValues(['none', '50s', 'all'])));
    expect(named.x).toEqual({ type: 'names', name: 'grace', names: ['none', '50s', 'all'] });
    expect(named.lines[0]?.points.map(([x]) => x)).toEqual([0, 1, 2]);
  });

  it('puts points in order of the axis, whatever the order of the sweep', () => {
    const { lines } = chart('detection_s by grace', sweepPage(withValues(['3m', '2m', '10s'])));
    expect(lines[0]?.points.map(([x]) => x)).toEqual([10, 120, 180]);
  });

  it('leaves out figures that never vary and axes with one value', () => {
    const { summary } = example;
    const variants = summary.variants.slice(0, 1);
    const one = sweepPage({ ...example, summary: { ...summary, variants } });
    expect(one.sections.map(({ title }) => title)).toEqual(['Variants', 'Runs']);
  });

  it('lists variants with how sure their means are, and all runs', () => {
    const variants = page.sections.find(({ title }) => title === 'Variants') as Table;
    expect(variants.columns).toEqual(['grace', 'nodes', 'detection_s', 'recovery_s']);
    expect(variants.rows[0]).toEqual(['20s', '3', '22.5 ± 3.726', '327.5 ± 3.726']);
    // Two of its three runs recovered.
    expect(variants.rows[5]?.[3]).toBe('427.4 ± 9.53 (2)');
    expect((page.sections.at(-1) as Table).rows).toHaveLength(18);
  });
});
