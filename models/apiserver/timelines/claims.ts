import type { TimelineSpec } from '../../../engine/index.js';
import { isFullyBound, type PersistentVolumeClaim, storageClassOf, VOLUME_ANNOTATIONS } from '../../api/index.js';
import type { Change } from './changes.js';

export interface ClaimColumns {
  readonly namespace: string;
  readonly claim: string;
  readonly class: string;
  readonly phase: string;
  readonly volume: string;
  readonly node: string;
  readonly deleting: string;
}

export type ClaimRow = ClaimColumns & { readonly change: Change };

export const CLAIMS: TimelineSpec<ClaimRow> = {
  name: 'claims',
  help: 'PersistentVolumeClaims: when they are bound, to what, and when they are lost or deleted',
  columns: {
    change: { type: 'text', help: 'added, modified or deleted' },
    namespace: { type: 'text', help: 'Namespace of the claim' },
    claim: { type: 'text', help: 'Name of the claim' },
    class: { type: 'text', help: 'Its StorageClass; empty for none' },
    phase: { type: 'text', help: 'Pending, Bound or Lost' },
    volume: { type: 'text', help: 'The PersistentVolume, once the binding is complete' },
    node: { type: 'text', help: 'Node that the scheduler chose for its first consumer' },
    deleting: { type: 'text', help: 'true while it is being deleted' },
  },
};

export const claimColumns = (claim: PersistentVolumeClaim): ClaimColumns => ({
  namespace: claim.metadata.namespace ?? '',
  claim: claim.metadata.name,
  class: storageClassOf(claim),
  phase: claim.status?.phase ?? '',
  volume: isFullyBound(claim) ? (claim.spec.volumeName ?? '') : '',
  node: claim.metadata.annotations?.[VOLUME_ANNOTATIONS.selectedNode] ?? '',
  deleting: String(claim.metadata.deletionTimestamp !== undefined),
});
