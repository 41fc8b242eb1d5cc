import type { Pod } from '../../../../models/api/generated/types.js';
import {
  aggregateContainerRequests,
  computeQosClass,
  oomScoreAdjust,
  podLimits,
  podRequests,
} from '../../../../models/api/pod-resources.js';
import type { Adapter, VectorCase } from '../adapter.js';
import { compare } from '../compare.js';

interface ResourcesCase extends VectorCase {
  readonly pod: Pod;
  readonly memoryCapacity: number;
}

/** The header's 100m and 200Mi; the scheduler's own constant for memory is written in DecimalSI (pkg/scheduler/util). */
const NON_MISSING = { cpu: '100m', memory: String(200 * 1024 * 1024) };

export const adapter: Adapter = function* (file) {
  for (const { id, ...expected } of file.cases as readonly ResourcesCase[]) {
    yield compare(id, expected, resources(expected.pod as Pod, expected.memoryCapacity as number));
  }
};

function resources(pod: Pod, memoryCapacity: number): object {
  const { spec } = pod;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return {
    pod,
    memoryCapacity,
    qos: computeQosClass(spec),
    aggregateContainerRequest: aggregateContainerRequests(spec),
    requests: podRequests(spec),
    requestsNoOverhead: podRequests(spec, { excludeOverhead: true }),
    requestsNoPodLevel: podRequests(spec, { skipPodLevelResources: true }),
    requestsNonMissing: podRequests(spec, { nonMissingContainerRequests: NON_MISSING }),
    limits: podLimits(spec),
    limitsNoPodLevel: podLimits(spec, { skipPodLevelResources: true }),
    oomScoreAdj: Object.fromEntries(
      containers.map((container) => [container.name, oomScoreAdjust(pod, container, memoryCapacity)]),
    ),
  };
}
