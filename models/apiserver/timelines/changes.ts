import type { Timeline, Watcher } from '../../../engine/index.js';

/** What happened to the object that a row is about. */
export type Change = 'added' | 'modified' | 'deleted';

/** Appends a row for each object that comes or goes and for each write that changes a column. */
export function recordChanges<T, Row extends object>(
  timeline: Timeline<Row & { readonly change: Change }>,
  project: (object: T) => Row,
): Watcher<T> {
  return {
    added: (object) => timeline.append({ change: 'added', ...project(object) }),
    modified: (object, before) => {
      const row = project(object);
      if (!isSameRow(row, project(before))) {
        timeline.append({ change: 'modified', ...row });
      }
    },
    deleted: (last) => timeline.append({ change: 'deleted', ...project(last) }),
  };
}

export function isSameRow<Row extends object>(a: Row, b: Row): boolean {
  for (const column in a) {
    if (a[column] !== b[column]) {
      return false;
    }
  }
  return true;
}
