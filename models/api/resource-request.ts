import type { Pod } from './generated/types.js';
import { cachedByResources, podRequests } from './pod-resources.js';
import { milliValueOf, valueOf } from './quantity.js';
import { type ResourceList, ResourceSum } from './resource-list.js';

const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/**
 * What a pod asks for of one resource, as the kubelet ranks and preempts by it: millicores of cpu, bytes, counts; one
 * of 'pods'. As GetResourceRequest (k8s 1.37 pkg/api/v1/resource/helpers.go).
 */
export function resourceRequest(pod: Pod, resource: string): number {
  if (resource === 'pods') {
    return 1;
  }
  const quantity = requestsByResource(pod.spec)[resource] ?? '0';
  return resource === 'cpu' ? milliValueOf(quantity) : valueOf(quantity);
}

const requestsByResource = cachedByResources((spec): ResourceList => {
  const podLevel = spec.resources;
  const isPodLevel = [podLevel?.requests, podLevel?.limits].some((list) =>
    Object.keys(list ?? {}).some(isPodLevelResource),
  );
  // Pod-level resources replace those of containers altogether, also where they do not name the resource.
  const own: ResourceList = isPodLevel ? (podLevel?.requests ?? {}) : podRequests(spec, { excludeOverhead: true });
  const sum = new ResourceSum().add(own);
  for (const [name, quantity] of Object.entries(spec.overhead ?? {})) {
    if ((sum.get(name)?.unscaled ?? 0n) !== 0n) {
      sum.add({ [name]: quantity });
    }
  }
  return sum.toList();
});
