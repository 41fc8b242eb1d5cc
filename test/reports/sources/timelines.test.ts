import type { TimelineSpec } from '../../../engine/index.js';
import { ALLOCATION, CONTAINERS, ENDPOINTS, EVENTS, NODES, PODS } from '../../../models/apiserver/index.js';
import { ROUTING } from '../../../models/kube-proxy/index.js';
import { KUBELET_EVICTIONS } from '../../../models/kubelet/index.js';
import { SCHEDULING, SCORES, VERDICTS } from '../../../models/scheduler/index.js';
import { EVICTIONS } from '../../../models/taint-eviction-controller/index.js';
import { READ_COLUMNS, TIMELINE_NAMES } from '../../../reports/sources/timelines.js';

const declared = new Map(
  [
    ALLOCATION,
    NODES,
    PODS,
    CONTAINERS,
    ENDPOINTS,
    EVENTS,
    EVICTIONS,
    ROUTING,
    KUBELET_EVICTIONS,
    SCHEDULING,
    VERDICTS,
    SCORES,
  ].map((spec) => [spec.name, (spec as unknown as TimelineSpec<Record<string, unknown>>).columns]),
);

it.each(TIMELINE_NAMES)('every column that reports read of %s is recorded, as what they read it as', (name) => {
  const columns = declared.get(name);
  for (const [column, type] of Object.entries(READ_COLUMNS[name])) {
    const found = columns?.[column]?.type;
    expect([name, column, found === 'text' ? 'text' : found === 'integer' ? 'number' : found]).toEqual([
      name,
      column,
      type,
    ]);
  }
});
