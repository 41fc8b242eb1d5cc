import type { TimelineSpec } from '../../../engine/index.js';
import { conditionOf, type Node, type Taint } from '../../api/index.js';
import type { Change } from './changes.js';

export interface NodeColumns {
  readonly node: string;
  readonly ready: string;
  readonly reason: string;
  readonly unschedulable: string;
  readonly taints: string;
  readonly memory_pressure: string;
  readonly disk_pressure: string;
  readonly pid_pressure: string;
}

export type NodeRow = NodeColumns & { readonly change: Change };

export const NODES: TimelineSpec<NodeRow> = {
  name: 'nodes',
  help: 'Nodes as the API server stores them: a row for each change of a column',
  columns: {
    change: { type: 'text', help: 'added, modified or deleted' },
    node: { type: 'text', help: 'Name of the Node' },
    ready: { type: 'text', help: 'Status of condition Ready: True, False, Unknown; empty before the first' },
    reason: { type: 'text', help: 'Reason of condition Ready' },
    unschedulable: { type: 'text', help: 'spec.unschedulable: true after a cordon' },
    taints: { type: 'text', help: 'Taints as key=value:effect, separated by spaces' },
    memory_pressure: { type: 'text', help: 'Status of condition MemoryPressure' },
    disk_pressure: { type: 'text', help: 'Status of condition DiskPressure' },
    pid_pressure: { type: 'text', help: 'Status of condition PIDPressure' },
  },
};

export function nodeColumns({ metadata, spec, status }: Node): NodeColumns {
  const statusOf = (type: string): string => conditionOf(status?.conditions, type)?.status ?? '';
  return {
    node: metadata.name,
    ready: statusOf('Ready'),
    reason: conditionOf(status?.conditions, 'Ready')?.reason ?? '',
    unschedulable: String(spec.unschedulable ?? false),
    taints: (spec.taints ?? []).map(taintText).join(' '),
    memory_pressure: statusOf('MemoryPressure'),
    disk_pressure: statusOf('DiskPressure'),
    pid_pressure: statusOf('PIDPressure'),
  };
}

const taintText = ({ key, value, effect }: Taint): string => (value ? `${key}=${value}:${effect}` : `${key}:${effect}`);
