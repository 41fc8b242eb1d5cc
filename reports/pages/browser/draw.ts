/// <reference lib="dom" />
import { CustomChart, LineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { PageData, Section } from '../page-data.js';
import { tickInterval } from './clock.js';
import { ganttOption } from './gantt.js';
import { lineOption } from './lines.js';
import { makeSearchable } from './table.js';

use([CustomChart, LineChart, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** Draws the page from the data that stands in it, and says so on the document when all is drawn: tests wait for data-drawn. */
function drawPage(): void {
  const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
  const finished = data.sections.flatMap((section, i) => drawSection(section, sectionElement(i)));
  void Promise.all(finished).then(() => {
    document.documentElement.dataset.drawn = 'yes';
  });
}

const sectionElement = (i: number): HTMLElement => document.getElementById(`section-${i}`) as HTMLElement;

/** A promise for each drawing that is not there at once. */
function drawSection(section: Section, element: HTMLElement): readonly Promise<void>[] {
  switch (section.kind) {
    case 'table':
      makeSearchable(element, section);
      return [];
    case 'gantt':
      return [drawChart(element, ganttOption(section), [section.start, section.end])];
    case 'chart': {
      const { x } = section;
      return [drawChart(element, lineOption(section), x.type === 'time' ? [x.start, x.end] : undefined)];
    }
  }
}

function drawChart(section: HTMLElement, option: EChartsCoreOption, times?: readonly [number, number]): Promise<void> {
  const chart = init(section.querySelector('.drawing') as HTMLElement, undefined, { renderer: 'svg' });
  const finished = new Promise<void>((resolve) => {
    chart.on('finished', () => resolve());
  });
  chart.setOption({ animation: false, ...option });
  if (times) {
    keepTicksRound(chart, times);
  }
  window.addEventListener('resize', () => chart.resize());
  return finished;
}

/** The slider changes how much time is shown; its ticks stay on whole seconds, minutes and hours. */
function keepTicksRound(chart: ECharts, [start, end]: readonly [number, number]): void {
  const setTicks = (from: number, to: number): void =>
    chart.setOption({ xAxis: { interval: tickInterval(to - from, chart.getWidth()) } });
  setTicks(start, end);
  chart.on('datazoom', () => {
    const { dataZoom } = chart.getOption() as { dataZoom?: readonly { startValue: number; endValue: number }[] };
    const [zoom] = dataZoom ?? [];
    if (zoom) {
      setTicks(zoom.startValue, zoom.endValue);
    }
  });
}

drawPage();
