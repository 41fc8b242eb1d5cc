import type { TimelineSpec } from '../../engine/index.js';

/** A step in the life of a NodeClaim. */
export interface NodeClaimRow {
  readonly claim: string;
  readonly step: 'created' | 'launched' | 'registered' | 'initialized' | 'disrupting' | 'terminating' | 'deleted';
  readonly node: string;
  readonly instance_type: string;
  readonly price_per_hour: number;
  readonly reason: string;
}

export const NODE_CLAIMS: TimelineSpec<NodeClaimRow> = {
  name: 'node-claims',
  help: 'What Karpenter does: machines that it claims, until they are nodes, and how they end.',
  columns: {
    claim: { type: 'text', help: 'The NodeClaim.' },
    step: { type: 'text', help: 'created, launched, registered, initialized, disrupting, terminating or deleted.' },
    node: { type: 'text', help: 'Its Node; empty until it is launched.' },
    instance_type: { type: 'text', help: 'The machine, a pool of the scenario; empty until it is launched.' },
    price_per_hour: { type: 'number', help: 'What the machine costs an hour; 0 until it is launched.' },
    reason: { type: 'text', help: 'Why.' },
  },
};
