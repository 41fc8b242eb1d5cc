/** Height of a Gantt row in pixels, and of what stands above and below the rows; the browser's script draws to the same measure. */
export const ROW_HEIGHT = 18;
export const ABOVE_ROWS = 26;
export const BELOW_ROWS = 60;

export const ganttHeight = (rows: number): number => rows * ROW_HEIGHT + ABOVE_ROWS + BELOW_ROWS;
