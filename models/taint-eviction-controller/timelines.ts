import type { Micros, TimelineSpec } from '../../engine/index.js';

/** One decision to evict a pod by taint, or to leave it after all. */
export interface TaintEviction {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly outcome: 'evicted' | 'cancelled';
  readonly taint: string;
  readonly toleration_seconds: number;
  readonly countdown_from: Micros;
}

export const EVICTIONS: TimelineSpec<TaintEviction> = {
  name: 'evictions',
  help: 'Pods evicted from tainted nodes: when the countdown of their toleration ended, or was called off.',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the pod.' },
    pod: { type: 'text', help: 'Name of the pod.' },
    node: { type: 'text', help: 'Node it is bound to.' },
    outcome: { type: 'text', help: 'evicted: its deletion begins now; cancelled: it may stay.' },
    taint: { type: 'text', help: 'The NoExecute taint that decided, as key:effect.' },
    toleration_seconds: { type: 'integer', help: 'Seconds for which the pod tolerated it; 0 for not at all.' },
    countdown_from: {
      type: 'time',
      help: 'When the controller saw the taint on the node: the countdown began here.',
    },
  },
};
