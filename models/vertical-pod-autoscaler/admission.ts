import type { Container, Pod, VerticalPodAutoscaler } from '../api/index.js';
import {
  amountIn,
  type ContainerPolicy,
  policyOf,
  quantityOf,
  RESOURCES,
  type Resource,
  type ResourceAmounts,
  updateModeOf,
} from './recommendation.js';

// kubernetes/autoscaler vertical-pod-autoscaler/pkg/admission-controller/resource/pod

export const OBSERVED_CONTAINERS = 'vpaObservedContainers';
const UPDATES = 'vpaUpdates';

/** What was changed, in the words of the annotation: "cpu request". */
interface Updated {
  readonly container: Container;
  readonly changes: readonly string[];
}

/** The pod with the requests that its VerticalPodAutoscaler recommends; limits keep their proportion to requests. */
export function withRecommendedResources(pod: Pod, autoscaler: VerticalPodAutoscaler): Pod {
  const recommendations = autoscaler.status?.recommendation?.containerRecommendations ?? [];
  if (updateModeOf(autoscaler.spec) === 'Off') {
    return pod;
  }
  const updated = pod.spec.containers.map((container): Updated => {
    const found = recommendations.find(({ containerName }) => containerName === container.name);
    const policy = policyOf(autoscaler.spec, container.name);
    return found === undefined || policy?.mode === 'Off'
      ? { container, changes: [] }
      : withRequests(container, (found.target ?? {}) as ResourceAmounts, policy);
  });
  const changes = updated.flatMap(({ changes }, i) =>
    changes.length > 0 ? [`container ${i}: ${changes.join(', ')}`] : [],
  );
  const annotations = {
    ...pod.metadata.annotations,
    ...(changes.length > 0 && {
      [UPDATES]: `Pod resources updated by ${autoscaler.metadata.name}: ${changes.join('; ')}`,
    }),
    [OBSERVED_CONTAINERS]: pod.spec.containers.map(({ name }) => name).join(', '),
  };
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations },
    spec: { ...pod.spec, containers: updated.map(({ container }) => container) },
  };
}

function withRequests(container: Container, target: ResourceAmounts, policy: ContainerPolicy | undefined): Updated {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const given = RESOURCES.filter((resource) => target[resource] !== undefined);
  const keepsLimits = policy?.controlledValues === 'RequestsOnly';
  const newLimits = given.flatMap((resource) => {
    const limit = keepsLimits ? undefined : limits[resource];
    return limit === undefined
      ? []
      : [[resource, limitFor(resource, String(limit), requests[resource], target[resource] as string)] as const];
  });
  return {
    container: {
      ...container,
      resources: {
        ...container.resources,
        requests: {
          ...requests,
          ...Object.fromEntries(given.map((resource) => [resource, target[resource] as string])),
        },
        ...(container.resources?.limits && { limits: { ...limits, ...Object.fromEntries(newLimits) } }),
      },
    },
    changes: [...given.map((resource) => `${resource} request`), ...newLimits.map(([resource]) => `${resource} limit`)],
  };
}

/** As getProportionalResourceLimit: a limit without a request was the request, too. */
function limitFor(
  resource: Resource,
  limit: string,
  request: string | number | undefined,
  recommended: string,
): string {
  const before = request === undefined ? 0 : amountIn(resource, request);
  const wanted = amountIn(resource, recommended);
  const now = amountIn(resource, limit);
  return before === 0 || before === now
    ? quantityOf(resource, wanted)
    : quantityOf(resource, Number((BigInt(now) * BigInt(wanted)) / BigInt(before)));
}
