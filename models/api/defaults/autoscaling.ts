import type { HorizontalPodAutoscaler, HPAScalingRules } from '../generated/types.js';
import { change, fill, fillUnsaid } from './fill.js';

// pkg/apis/autoscaling/v2/defaults.go

const SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

/** Without a stabilization window: the controller's flag decides that. */
const SCALE_DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

const CPU_AT_80_PERCENT = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

export function defaultHorizontalPodAutoscaler(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { spec } = autoscaler;
  const { behavior, metrics } = spec;
  return change(autoscaler, {
    spec: change(fill(spec, { minReplicas: 1 }), {
      metrics: metrics?.length ? metrics : [CPU_AT_80_PERCENT],
      ...(behavior && {
        behavior: change(behavior, {
          scaleUp: fillUnsaid(behavior.scaleUp ?? {}, SCALE_UP),
          scaleDown: fillUnsaid(behavior.scaleDown ?? {}, SCALE_DOWN),
        }),
      }),
    }),
  });
}
