import type { Timeline, TimelineSpec, Watcher } from '../../../engine/index.js';
import type { Event } from '../../api/index.js';

export interface EventRow {
  readonly namespace: string;
  readonly type: string;
  readonly reason: string;
  readonly kind: string;
  readonly object: string;
  readonly message: string;
  readonly count: number;
  readonly component: string;
  readonly host: string;
}

export const EVENTS: TimelineSpec<EventRow> = {
  name: 'events',
  help: 'Events as components write them: a row for each write, so repeats show as a growing count',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the object; default for cluster-scoped ones' },
    type: { type: 'text', help: 'Normal or Warning' },
    reason: { type: 'text', help: 'Why, in one word' },
    kind: { type: 'text', help: 'Kind of the object concerned' },
    object: { type: 'text', help: 'Name of the object concerned' },
    message: { type: 'text', help: 'What a person reads' },
    count: { type: 'integer', help: 'How often this was told by now' },
    component: { type: 'text', help: 'Who tells it' },
    host: { type: 'text', help: 'Node of the component, for kubelets' },
  },
};

export function recordEvents(timeline: Timeline<EventRow>): Watcher<Event> {
  const append = (event: Event): void => timeline.append(eventRow(event));
  // An Event that reaches the end of its time to live is no news.
  return { added: append, modified: append, deleted: () => {} };
}

const eventRow = (event: Event): EventRow => ({
  namespace: event.metadata.namespace ?? '',
  type: event.type ?? '',
  reason: event.reason ?? '',
  kind: event.involvedObject.kind ?? '',
  object: event.involvedObject.name ?? '',
  message: event.message ?? '',
  count: event.series?.count ?? event.count ?? 1,
  component: event.reportingComponent ?? event.source?.component ?? '',
  host: event.source?.host ?? '',
});
