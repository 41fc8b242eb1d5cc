import type { TimelineSpec } from '../../../engine/index.js';
import type { VolumeAttachment } from '../../api/index.js';
import type { Change } from './changes.js';

export interface AttachmentColumns {
  readonly volume: string;
  readonly node: string;
  readonly attached: string;
  readonly deleting: string;
}

export type AttachmentRow = AttachmentColumns & { readonly change: Change };

export const ATTACHMENTS: TimelineSpec<AttachmentRow> = {
  name: 'attachments',
  help: 'VolumeAttachments: when volumes are wanted at nodes, attached, given up and detached',
  columns: {
    change: { type: 'text', help: 'added, modified or deleted: deleted is detached' },
    volume: { type: 'text', help: 'The PersistentVolume' },
    node: { type: 'text', help: 'Where it is, or shall be' },
    attached: { type: 'text', help: 'true once the driver has attached it' },
    deleting: { type: 'text', help: 'true while it is being detached' },
  },
};

export const attachmentColumns = ({ metadata, spec, status }: VolumeAttachment): AttachmentColumns => ({
  volume: spec.source.persistentVolumeName ?? '',
  node: spec.nodeName,
  attached: String(status?.attached ?? false),
  deleting: String(metadata.deletionTimestamp !== undefined),
});
