import type { TimelineSpec } from '../../engine/index.js';

/** What an autoscaler found and decided, when that differs from the time before. */
export interface AutoscalingRow {
  readonly namespace: string;
  readonly autoscaler: string;
  readonly target: string;
  readonly current_replicas: number;
  readonly desired_replicas: number;
  readonly recommended_replicas: number | undefined;
  readonly metrics: string;
  readonly able_to_scale: string;
  readonly scaling_active: string;
  readonly scaling_limited: string;
}

export const AUTOSCALING: TimelineSpec<AutoscalingRow> = {
  name: 'autoscaling',
  help: 'Horizontal pod autoscalers: what each found and decided, a row whenever that differs from the time before.',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the autoscaler.' },
    autoscaler: { type: 'text', help: 'Name of the autoscaler.' },
    target: { type: 'text', help: 'What it scales, as kind/name.' },
    current_replicas: { type: 'integer', help: 'spec.replicas that it found.' },
    desired_replicas: { type: 'integer', help: 'spec.replicas that it wants.' },
    recommended_replicas: { type: 'integer', help: 'What the metrics ask for, before windows, rates and bounds.' },
    metrics: { type: 'text', help: 'Current values against their targets, as kubectl get shows them.' },
    able_to_scale: { type: 'text', help: 'Reason of the condition AbleToScale.' },
    scaling_active: { type: 'text', help: 'Reason of the condition ScalingActive.' },
    scaling_limited: { type: 'text', help: 'Reason of the condition ScalingLimited.' },
  },
};
