/// <reference lib="dom" />
import { CustomChart, LineChart as EchartsLineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Gantt, Line, LineChart, PageData, Table } from '../page-data.js';

use([CustomChart, EchartsLineChart, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const ROW_HEIGHT = 18;
const FRAME = { left: 220, right: 30, top: 40, bottom: 60 };

/** Draws the page from the data that stands in it, and says so on the document: tests wait for data-drawn. */
function drawPage(): void {
  const data = JSON.parse(element('data').textContent ?? '{}') as PageData;
  data.gantts.forEach((gantt, i) => drawChart(`gantt-${i}`, ganttOption(gantt)));
  data.charts.forEach((chart, i) => drawChart(`chart-${i}`, lineOption(chart)));
  data.tables.forEach((table, i) => makeSearchable(`table-${i}`, table));
  document.documentElement.dataset.drawn = 'yes';
}

function element(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

function drawChart(id: string, option: EChartsCoreOption): void {
  const chart = init(element(id), undefined, { renderer: 'svg' });
  chart.setOption({ animation: false, ...option });
  window.addEventListener('resize', () => chart.resize());
}

const clock = (seconds: number): string => {
  const whole = Math.round(seconds * 1000) / 1000;
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${Math.round((whole - minutes * 60) * 1000) / 1000} s` : `${whole} s`;
};

const timeAxis = (end: number): object => ({ type: 'value', min: 0, max: end, axisLabel: { formatter: clock } });

interface CustomApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): readonly [number, number];
}

function ganttOption(gantt: Gantt): EChartsCoreOption {
  return {
    grid: FRAME,
    xAxis: timeAxis(gantt.end),
    yAxis: { type: 'category', data: gantt.rows, inverse: true, axisLabel: { width: 200, overflow: 'truncate' } },
    dataZoom: [{ type: 'slider', xAxisIndex: 0, bottom: 10, height: 20, labelFormatter: clock }],
    tooltip: { formatter: (shown: { data: { name: string } }) => escape(shown.data.name) },
    series: [
      {
        type: 'custom',
        encode: { x: [1, 2], y: 0 },
        data: gantt.spans.map((span) => ({
          name: `${gantt.rows[span.row]}: ${gantt.states[span.state]?.name}, ${clock(span.from)} to ${clock(span.to)}${
            span.note ? ` (${span.note})` : ''
          }`,
          value: [span.row, span.from, span.to],
          itemStyle: { color: gantt.states[span.state]?.colour },
        })),
        renderItem: (params: { dataIndex: number }, api: CustomApi) => {
          const row = api.value(0);
          const [x0, y] = api.coord([api.value(1), row]);
          const [x1] = api.coord([api.value(2), row]);
          const span = gantt.spans[params.dataIndex];
          const fill = span && gantt.states[span.state]?.colour;
          const shape = { x: x0, y: y - ROW_HEIGHT / 3, width: Math.max(1, x1 - x0), height: (ROW_HEIGHT * 2) / 3 };
          return { type: 'rect', shape, style: { fill } };
        },
      },
    ],
  };
}

function lineOption(chart: LineChart): EChartsCoreOption {
  const isTime = chart.xName === 'time';
  const end = Math.max(0, ...chart.lines.flatMap((line) => line.points.map(([x]) => x)));
  return {
    grid: { ...FRAME, left: 70 },
    legend: { type: 'scroll', top: 5 },
    tooltip: { trigger: 'axis' },
    xAxis: isTime ? timeAxis(end) : { type: 'value', name: chart.xName, scale: true },
    yAxis: { type: 'value', name: chart.yName },
    dataZoom: [{ type: 'slider', xAxisIndex: 0, bottom: 10, height: 20 }],
    series: chart.lines.flatMap(seriesOfLine),
  };
}

function seriesOfLine(line: Line): object[] {
  const main = {
    type: 'line',
    name: line.name,
    data: line.points,
    showSymbol: line.points.length < 50,
    ...(line.isStep ? { step: 'end' } : {}),
  };
  return line.margins === undefined ? [main] : [main, intervals(line, line.margins)];
}

/** A vertical bar from mean − margin to mean + margin at each point. */
function intervals(line: Line, margins: readonly number[]): object {
  return {
    type: 'custom',
    name: line.name,
    data: line.points.map(([x, y], i) => [x, y - (margins[i] ?? 0), y + (margins[i] ?? 0)]),
    encode: { x: 0, y: [1, 2] },
    renderItem: (_: unknown, api: CustomApi) => {
      const [x, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      const bar = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style: { stroke: '#555' },
      });
      return {
        type: 'group',
        children: [bar(x, low, x, high), bar(x - 4, low, x + 4, low), bar(x - 4, high, x + 4, high)],
      };
    },
  };
}

/** Most rows put into the document at a time; the search looks at all. */
const ROWS_SHOWN = 500;

function makeSearchable(id: string, table: Table): void {
  const box = element(id);
  const body = box.querySelector('tbody') as HTMLElement;
  const search = box.querySelector('input') as HTMLInputElement;
  const show = (): void => {
    const wanted = search.value.toLowerCase();
    const rows = table.rows.filter((row) => row.some((cell) => cell.toLowerCase().includes(wanted)));
    body.innerHTML = rows
      .slice(0, ROWS_SHOWN)
      .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`)
      .join('');
    (box.querySelector('.count') as HTMLElement).textContent =
      rows.length > ROWS_SHOWN ? `first ${ROWS_SHOWN} of ${rows.length} rows` : `${rows.length} rows`;
  };
  search.addEventListener('input', show);
  show();
}

function escape(text: string): string {
  const div = document.createElement('div');
  div.textContent = text;
  return div.innerHTML;
}

drawPage();
