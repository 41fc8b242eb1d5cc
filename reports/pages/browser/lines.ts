import type { EChartsCoreOption } from 'echarts/core';
import type { Axis, Line, LineChart } from '../page-data.js';
import { clock, timeAxis } from './clock.js';
import { escape } from './escape.js';
import { type CustomApi, markSeries } from './marks.js';

/** Okabe and Ito's colours, which people with any colour vision tell apart; then the same again, dashed. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#1b1f24'];
const WHISKER = 4;

export function lineOption(chart: LineChart): EChartsCoreOption {
  const { x } = chart;
  const isCount = chart.lines.every(({ isStep }) => isStep);
  return {
    grid: { left: 70, right: 30, top: 60, bottom: x.type === 'time' ? 60 : 50 },
    legend: { type: 'scroll', top: 0, data: chart.lines.map(({ name }) => name) },
    tooltip: { trigger: 'axis', confine: true, formatter: tooltip(chart) },
    xAxis: axisOption(x),
    yAxis: {
      type: 'value',
      name: chart.yName,
      nameTextStyle: { align: 'left' },
      ...(isCount ? { minInterval: 1 } : { scale: true }),
    },
    ...(x.type === 'time' && {
      dataZoom: [{ type: 'slider', xAxisIndex: 0, filterMode: 'none', bottom: 6, height: 18, labelFormatter: clock }],
    }),
    series: [
      ...chart.lines.flatMap((line, i) => seriesOfLine(line, colourPlace(chart.lines, i))),
      markSeries(chart.marks),
    ],
  };
}

function axisOption(x: Axis): object {
  switch (x.type) {
    case 'time':
      return timeAxis(x.start, x.end);
    case 'number':
      return { type: 'value', name: x.name, nameLocation: 'middle', nameGap: 28, scale: true };
    case 'names':
      return { type: 'category', data: x.names, name: x.name, nameLocation: 'middle', nameGap: 28 };
  }
}

interface Shown {
  readonly seriesName: string;
  readonly seriesType: string;
  readonly marker: string;
  readonly dataIndex: number;
  readonly value: readonly [number, number];
}

/** What stands at the place that is pointed at: each line's value and its interval. */
function tooltip(chart: LineChart): (shown: readonly Shown[]) => string {
  return (shown) => {
    const lines = shown.filter(({ seriesType }) => seriesType === 'line');
    const at = lines[0]?.value[0] ?? 0;
    const { x } = chart;
    const place = x.type === 'time' ? clock(at) : x.type === 'names' ? (x.names[at] ?? '') : `${x.name} ${at}`;
    const rows = lines.map(({ seriesName, marker, dataIndex, value }) => {
      const interval = chart.lines.find(({ name }) => name === seriesName)?.intervals?.[dataIndex];
      const bounds = interval ? ` (${round(interval[0])} to ${round(interval[1])})` : '';
      return `${marker}${escape(seriesName)}: ${round(value[1])}${bounds}`;
    });
    return [escape(place), ...rows].join('<br>');
  };
}

const round = (value: number): string => String(Number(value.toPrecision(6)));

/** Lines aside share the colour of the line before them. */
const colourPlace = (lines: readonly Line[], i: number): number =>
  lines.slice(0, i + 1).filter(({ isAside }) => !isAside).length - 1;

function seriesOfLine(line: Line, place: number): object[] {
  const color = COLOURS[place % COLOURS.length] as string;
  const main = {
    type: 'line',
    name: line.name,
    data: line.points,
    color,
    lineStyle: lineStyle(line, place),
    ...(line.isStep ? { symbol: 'none' } : { symbolSize: 7 }),
    ...(line.isStep ? { step: 'end' } : {}),
  };
  return line.intervals === undefined ? [main] : [main, whiskers(line, line.intervals, color)];
}

function lineStyle({ isAside }: Line, place: number): object {
  if (isAside) {
    return { type: [2, 3], width: 1.5 };
  }
  return { type: place < COLOURS.length ? 'solid' : 'dashed' };
}

/** A vertical bar from the lower to the upper bound at each point. */
function whiskers(line: Line, intervals: NonNullable<Line['intervals']>, stroke: string): object {
  return {
    type: 'custom',
    name: line.name,
    silent: true,
    color: stroke,
    data: line.points.flatMap(([x], i) => (intervals[i] ? [[x, ...intervals[i]]] : [])),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_: unknown, api: CustomApi) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      const bar = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style: { stroke, lineWidth: 1.5 },
      });
      return {
        type: 'group',
        children: [
          bar(x, low, x, high),
          bar(x - WHISKER, low, x + WHISKER, low),
          bar(x - WHISKER, high, x + WHISKER, high),
        ],
      };
    },
  };
}
