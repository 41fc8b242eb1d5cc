import type { TimelineSpec } from '../../../engine/index.js';
import { controllerOf, isBeingDeleted, type Pod, podCondition } from '../../api/index.js';
import type { Change } from './changes.js';

export interface PodColumns {
  readonly namespace: string;
  readonly pod: string;
  readonly owner: string;
  readonly node: string;
  readonly phase: string;
  readonly reason: string;
  readonly ready: string;
  readonly scheduled: string;
  readonly disruption: string;
  readonly deleting: string;
  readonly grace_s: number | '';
}

export type PodRow = PodColumns & { readonly change: Change };

export const PODS: TimelineSpec<PodRow> = {
  name: 'pods',
  help: 'Pods as the API server stores them: a row for each change of a column',
  columns: {
    change: { type: 'text', help: 'added, modified or deleted' },
    namespace: { type: 'text', help: 'Namespace of the Pod' },
    pod: { type: 'text', help: 'Name of the Pod' },
    owner: { type: 'text', help: 'Kind/name of the controlling owner; empty for none' },
    node: { type: 'text', help: 'spec.nodeName; empty while unscheduled' },
    phase: { type: 'text', help: 'status.phase' },
    reason: { type: 'text', help: 'status.reason: Evicted, NodeLost, …' },
    ready: { type: 'text', help: 'Status of condition Ready' },
    scheduled: { type: 'text', help: 'Condition PodScheduled: True, or its reason (Unschedulable, SchedulingGated)' },
    disruption: { type: 'text', help: 'Reason of condition DisruptionTarget, when it is True' },
    deleting: { type: 'text', help: 'true from the first DELETE on' },
    grace_s: { type: 'integer', help: 'Seconds between the DELETE and metadata.deletionTimestamp; empty before' },
  },
};

export function podColumns(pod: Pod): PodColumns {
  const { metadata, spec, status } = pod;
  const owner = controllerOf(pod);
  const scheduled = podCondition(pod, 'PodScheduled');
  const disruption = podCondition(pod, 'DisruptionTarget');
  return {
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    owner: owner ? `${owner.kind}/${owner.name}` : '',
    node: spec.nodeName ?? '',
    phase: status?.phase ?? '',
    reason: status?.reason ?? '',
    ready: podCondition(pod, 'Ready')?.status ?? '',
    scheduled: scheduled?.status === 'True' ? 'True' : (scheduled?.reason ?? scheduled?.status ?? ''),
    disruption: disruption?.status === 'True' ? (disruption.reason ?? '') : '',
    deleting: String(isBeingDeleted(pod)),
    grace_s: metadata.deletionGracePeriodSeconds ?? '',
  };
}
