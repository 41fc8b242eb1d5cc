import type { Mark } from '../page-data.js';

const COLOUR = '#1b1f24';
const LABEL_HEIGHT = 14;

export interface CustomApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): readonly [number, number];
}

export interface CustomParams {
  readonly dataIndex: number;
  readonly coordSys: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Vertical lines with their names above the drawing. */
export const markSeries = (marks: readonly Mark[]): object => ({
  type: 'custom',
  name: 'marks',
  silent: true,
  tooltip: { show: false },
  data: marks.map(({ at }) => [at, 0]),
  encode: { x: 0, y: -1, tooltip: [] },
  renderItem: ({ dataIndex, coordSys }: CustomParams, api: CustomApi) => {
    const [x] = api.coord([api.value(0), 0]);
    if (x < coordSys.x || x > coordSys.x + coordSys.width) {
      return undefined;
    }
    return {
      type: 'group',
      children: [
        {
          type: 'line',
          shape: { x1: x, y1: coordSys.y - LABEL_HEIGHT, x2: x, y2: coordSys.y + coordSys.height },
          style: { stroke: COLOUR, lineDash: [4, 3] },
        },
        {
          type: 'text',
          x: x + 4,
          y: coordSys.y - LABEL_HEIGHT,
          style: { text: marks[dataIndex]?.name, fill: COLOUR, font: '11px system-ui, sans-serif' },
        },
      ],
    };
  },
  z: 10,
});
