import type { EChartsCoreOption } from 'echarts/core';
import { ABOVE_ROWS, BELOW_ROWS, ROW_HEIGHT } from '../layout.js';
import type { Gantt, GanttRow } from '../page-data.js';
import { clock, timeAxis } from './clock.js';
import { escape } from './escape.js';
import { type CustomApi, type CustomParams, markSeries } from './marks.js';

const NAMES_WIDTH = 290;
const BAR_HEIGHT = 14;
const LETTER_WIDTH = 6.2;

export function ganttOption(gantt: Gantt): EChartsCoreOption {
  const { rows, spans, states } = gantt;
  const describe = (index: number): string => {
    const span = spans[index];
    const times = span && `${clock(span.from)} to ${clock(span.to)} (${clock(span.to - span.from)})`;
    return span
      ? `${rows[span.row]?.name}: ${states[span.state]?.name}, ${times}${span.note ? `. ${span.note}` : ''}`
      : '';
  };
  return {
    grid: { left: NAMES_WIDTH, right: 20, top: ABOVE_ROWS, bottom: BELOW_ROWS },
    xAxis: { ...timeAxis(gantt.start, gantt.end), splitLine: { show: true } },
    yAxis: nameAxis(rows),
    dataZoom: [
      { type: 'slider', xAxisIndex: 0, filterMode: 'weakFilter', bottom: 6, height: 18, labelFormatter: clock },
    ],
    tooltip: {
      confine: true,
      formatter: ({ dataIndex }: { dataIndex: number }) => escape(describe(dataIndex)),
      extraCssText: 'max-width: 40rem; white-space: normal;',
    },
    series: [
      {
        type: 'custom',
        encode: { x: [1, 2], y: 0 },
        data: spans.map(({ row, from, to }) => [row, from, to]),
        renderItem: ({ dataIndex, coordSys }: CustomParams, api: CustomApi) => {
          const state = states[spans[dataIndex]?.state ?? 0];
          const row = api.value(0);
          const [begins, y] = api.coord([api.value(1), row]);
          const [ends] = api.coord([api.value(2), row]);
          const x = Math.max(begins, coordSys.x);
          const width = Math.min(ends, coordSys.x + coordSys.width) - x;
          return bar(x, y, Math.max(1, width), state?.colour ?? '', state?.name ?? '');
        },
      },
      markSeries(gantt.marks),
    ],
  };
}

/** A bar that carries its name where it fits, so that nothing is told by colour alone. */
function bar(x: number, y: number, width: number, fill: string, name: string): object {
  const isNamed = name.length * LETTER_WIDTH + 8 < width;
  return {
    type: 'rect',
    shape: { x, y: y - BAR_HEIGHT / 2, width, height: BAR_HEIGHT },
    style: { fill },
    ...(isNamed && {
      textContent: {
        style: { text: name, fill: isDark(fill) ? '#fff' : '#1b1f24', font: '10px system-ui, sans-serif' },
      },
      textConfig: { position: 'insideLeft', distance: 4 },
    }),
  };
}

/** Whether white text on it reads better than black: relative luminance as in WCAG 2. */
function isDark(colour: string): boolean {
  const channels = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = channels;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18;
}

const nameAxis = (rows: readonly GanttRow[]): object => ({
  type: 'category',
  data: rows.map(({ name, isHeading }) => ({
    value: name,
    textStyle: isHeading ? { fontWeight: 'bold', color: '#1b1f24' } : { color: '#424a53' },
  })),
  inverse: true,
  axisTick: { show: false },
  axisLabel: { interval: 0, width: NAMES_WIDTH - 16, overflow: 'truncate', fontSize: 11, lineHeight: ROW_HEIGHT },
});
