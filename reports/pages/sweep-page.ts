import { parseDuration, toSeconds } from '../../engine/index.js';
import { groupBy } from '../measures/group.js';
import { MEASURES } from '../measures/index.js';
import type { SweepResults } from '../sources/folder.js';
import type { SweepSummary, Variant } from '../sources/sweep-summary.js';
import { keepMost } from './most.js';
import type { Line, LineChart, PageData, Axis as PlotAxis, Table } from './page-data.js';

/** More lines in one drawing cannot be told apart. */
const MOST_LINES = 12;

/** What a run took, in events of the simulation: stands in the tables, but tells nothing of the cluster. */
const EFFORT = 'events';

/** What the page of a sweep shows: each measure that varies over each axis, then all variants, then all runs. */
export function sweepPage({ summary, columns, runs }: SweepResults): PageData {
  const { name, version, scenario, axes, seeds, variants } = summary;
  const measures = measureNames(summary);
  const varied = axes.flatMap((axis, place) => (axis.values.length > 1 ? [place] : []));
  return {
    title: name,
    subtitle: `${variants.length} variants × ${seeds.length} seeds of ${scenario}`,
    facts: [
      { name: 'kubewhen', value: version },
      ...axes.map((axis) => ({ name: `Axis ${axis.name}`, value: `${axis.path}: ${axis.values.join(', ')}` })),
      { name: 'Seeds', value: seeds.join(', ') },
    ],
    sections: [
      ...measures
        .filter((measure) => measure !== EFFORT && doesVary(variants, measure))
        .flatMap((measure) => varied.map((place) => curve(summary, measure, place))),
      variantsTable(summary, measures),
      runsTable(columns, runs),
    ],
  };
}

/** In the order of the results. */
const measureNames = ({ variants }: SweepSummary): readonly string[] => [
  ...new Set(variants.flatMap(({ measures }) => [...measures.keys()])),
];

const doesVary = (variants: readonly Variant[], measure: string): boolean =>
  new Set(variants.map(({ measures }) => measures.get(measure)?.mean)).size > 1;

/** A measure over one axis; a line for each combination of the other axes. */
function curve({ axes, variants }: SweepSummary, measure: string, place: number): LineChart {
  const axis = axes[place] as SweepSummary['axes'][number];
  const scale = scaleOf(axis.name, axis.values);
  const lines = groupBy(variants, (variant) => lineName(axes, variant, place));
  const { kept, note } = keepMost([...lines], MOST_LINES, ([, own]) => own.length, 'combinations');
  const help = MEASURES.find(({ name }) => name === measure)?.help;
  return {
    kind: 'chart',
    title: axes.length > 1 ? `${measure} by ${axis.name}` : measure,
    help: `${help === undefined ? '' : `${help}. `}Mean over seeds with its 95 % confidence interval.${note}`,
    x: scale.axis,
    yName: measure,
    lines: kept.map(([name, own]) =>
      lineOf(name === '' ? measure : name, own, measure, (variant) => scale.at(variant, place)),
    ),
    marks: [],
  };
}

/** The values of the other axes: "nodes 3, zones 1". */
const lineName = (axes: SweepSummary['axes'], variant: Variant, place: number): string =>
  axes.flatMap(({ name }, i) => (i === place ? [] : [`${name} ${variant.values[i]}`])).join(', ');

function lineOf(name: string, variants: readonly Variant[], measure: string, x: (variant: Variant) => number): Line {
  const points = variants
    .flatMap((variant) => {
      const estimate = variant.measures.get(measure);
      return estimate === undefined ? [] : [{ x: x(variant), estimate }];
    })
    .sort((a, b) => a.x - b.x);
  return {
    name,
    isStep: false,
    points: points.map(({ x: at, estimate }) => [at, estimate.mean] as const),
    intervals: points.map(({ estimate: { low, high } }) =>
      low === undefined || high === undefined ? null : ([low, high] as const),
    ),
  };
}

interface Scale {
  readonly axis: PlotAxis;
  at(variant: Variant, place: number): number;
}

/** Numbers stand to scale, durations as seconds; anything else side by side, in the order of the sweep. */
function scaleOf(name: string, values: readonly string[]): Scale {
  const readings = [
    { title: name, read: (text: string) => (text.trim() === '' ? Number.NaN : Number(text)) },
    { title: `${name}, seconds`, read: secondsIn },
  ];
  const numeric = readings.find(({ read }) => values.every((value) => Number.isFinite(read(value))));
  return numeric === undefined
    ? {
        axis: { type: 'names', name, names: values },
        at: (variant, place) => values.indexOf(variant.values[place] as string),
      }
    : {
        axis: { type: 'number', name: numeric.title },
        at: (variant, place) => numeric.read(variant.values[place] as string),
      };
}

/** NaN for what is no duration. */
function secondsIn(text: string): number {
  try {
    return toSeconds(parseDuration(text));
  } catch (error) {
    if (error instanceof RangeError) {
      return Number.NaN;
    }
    throw error;
  }
}

const variantsTable = ({ axes, variants }: SweepSummary, measures: readonly string[]): Table => ({
  kind: 'table',
  title: 'Variants',
  help: 'Means over seeds ± half of their 95 % confidence intervals; in brackets how many runs have the figure, if not all.',
  columns: [...axes.map(({ name }) => name), ...measures],
  rows: variants.map((variant) => {
    const runs = Math.max(0, ...[...variant.measures.values()].map(({ n }) => n));
    return [...variant.values, ...measures.map((measure) => estimateText(variant, measure, runs))];
  }),
});

const fourDigits = (value: number): string => String(Number(value.toPrecision(4)));

function estimateText({ measures }: Variant, measure: string, runs: number): string {
  const estimate = measures.get(measure);
  if (estimate === undefined) {
    return '';
  }
  const { n, mean, high } = estimate;
  const spread = high === undefined ? '' : ` ± ${fourDigits(high - mean)}`;
  return `${fourDigits(mean)}${spread}${n < runs ? ` (${n})` : ''}`;
}

const runsTable = (columns: readonly string[], runs: SweepResults['runs']): Table => ({
  kind: 'table',
  title: 'Runs',
  help: 'Every run: its place on the axes, its figures, and the fingerprint that says it can be had again.',
  columns,
  rows: runs,
});
