import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../api/index.js';

/** Current values against targets, as the printer of kubectl get (pkg/printers/internalversion formatHPAMetrics); all of them. */
export const metricsText = (specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string =>
  specs.map((spec, i) => metricText(spec, statuses[i])).join(', ');

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'Resource':
      return `${spec.resource?.name}: ${against(status?.resource?.current, spec.resource?.target)}`;
    case 'ContainerResource':
      return `${spec.containerResource?.name}: ${against(status?.containerResource?.current, spec.containerResource?.target)}`;
    case 'Pods':
      return against(status?.pods?.current, spec.pods?.target);
    case 'Object':
      return against(status?.object?.current, spec.object?.target);
    case 'External':
      return against(status?.external?.current, spec.external?.target);
    default:
      return '<unknown type>';
  }
}

function against(current: MetricValueStatus | undefined, target: MetricTarget | undefined): string {
  const { averageValue, averageUtilization, value } = target ?? {};
  if (averageValue !== undefined) {
    return `${current?.averageValue ?? '<unknown>'}/${averageValue}${value === undefined ? '' : ' (avg)'}`;
  }
  if (averageUtilization !== undefined) {
    const used = current?.averageUtilization;
    return `${used === undefined ? '<unknown>' : `${used}%`}/${averageUtilization}%`;
  }
  return `${current?.value ?? '<unknown>'}/${value ?? '<auto>'}`;
}
