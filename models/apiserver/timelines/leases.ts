import type { Micros, TimelineSpec } from '../../../engine/index.js';
import type { Lease } from '../../api/index.js';
import type { Change } from './changes.js';

export interface LeaseColumns {
  readonly namespace: string;
  readonly lease: string;
  readonly holder: string;
  readonly renew_time: Micros | '';
  readonly transitions: number;
}

export type LeaseRow = LeaseColumns & { readonly change: Change };

export const LEASES: TimelineSpec<LeaseRow> = {
  name: 'leases',
  help: 'Leases at every renewal: heartbeats of nodes, leaders of the control plane. Recording them makes each one an event',
  columns: {
    change: { type: 'text', help: 'added, modified or deleted' },
    namespace: { type: 'text', help: 'kube-node-lease for nodes, kube-system for leaders' },
    lease: { type: 'text', help: 'Name of the Lease' },
    holder: { type: 'text', help: 'spec.holderIdentity' },
    renew_time: { type: 'time', help: 'spec.renewTime, by the clock of the holder' },
    transitions: { type: 'integer', help: 'spec.leaseTransitions' },
  },
};

export const leaseColumns = ({ metadata, spec }: Lease): LeaseColumns => ({
  namespace: metadata.namespace ?? '',
  lease: metadata.name,
  holder: spec.holderIdentity ?? '',
  renew_time: spec.renewTime ?? '',
  transitions: spec.leaseTransitions ?? 0,
});
