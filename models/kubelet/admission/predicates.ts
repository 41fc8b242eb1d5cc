import {
  type ContainerPort,
  firstUntoleratedTaint,
  isExtendedResource,
  isRestartableInitContainer,
  isStaticPod,
  matchesRequiredNodeAffinity,
  milliValueOf,
  type Node,
  type Pod,
  type Quantity,
  requestsOfPod,
  valueOf,
} from '../../api/index.js';

/** A resource that does not suffice; millicores of cpu, bytes, counts. */
export interface InsufficientResource {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

export interface FailedPredicate {
  /** Name of the scheduler plugin that would have said so. */
  readonly predicate: 'NodeAffinity' | 'NodeName' | 'NodePorts' | 'TaintToleration';
  readonly description: string;
}

export type PredicateFailure = InsufficientResource | FailedPredicate;

export const isInsufficientResource = (failure: PredicateFailure): failure is InsufficientResource =>
  'resource' in failure;

/**
 * All that speaks against a pod on this node; the kubelet reports the first. As AdmissionCheck (k8s 1.37
 * pkg/scheduler/eventhandlers.go) and generalFilter (pkg/kubelet/lifecycle/predicate.go).
 */
export function predicateFailures(
  pod: Pod,
  node: Node,
  otherPods: readonly Pod[],
  checksNoExecuteTaints: boolean,
): readonly PredicateFailure[] {
  const failures: PredicateFailure[] = insufficientResources(pod, node, otherPods);
  if (!matchesRequiredNodeAffinity(pod.spec, node)) {
    failures.push({ predicate: 'NodeAffinity', description: "node(s) didn't match Pod's node affinity/selector" });
  }
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name) {
    failures.push({ predicate: 'NodeName', description: "node(s) didn't match the requested node name" });
  }
  if (hasPortConflict(pod, otherPods)) {
    failures.push({
      predicate: 'NodePorts',
      description: "node(s) didn't have free ports for the requested pod ports",
    });
  }
  const isTainted = firstUntoleratedTaint(node.spec?.taints, pod.spec.tolerations, ['NoExecute']) !== undefined;
  if (checksNoExecuteTaints && isTainted && !isStaticPod(pod)) {
    failures.push({ predicate: 'TaintToleration', description: "node(s) had taints that the pod didn't tolerate" });
  }
  return failures;
}

/** As fitsRequest (k8s 1.37 pkg/scheduler/framework/plugins/noderesources); extended resources go by name. */
function insufficientResources(pod: Pod, node: Node, otherPods: readonly Pod[]): InsufficientResource[] {
  const allocatable = node.status?.allocatable ?? {};
  const failures: InsufficientResource[] = [];
  const maxPods = valueOf(allocatable['pods'] ?? '0');
  if (otherPods.length + 1 > maxPods) {
    failures.push({ resource: 'pods', requested: 1, used: otherPods.length, capacity: maxPods });
  }
  const requests = requestsOfPod(pod.spec);
  const others = Object.keys(requests).filter((name) => !FIRST_RESOURCES.includes(name));
  for (const resource of [...FIRST_RESOURCES, ...others.sort()]) {
    const requested = amountOf(resource, requests[resource]);
    // A resource that the node does not know belongs to the cluster (removeMissingExtendedResources).
    if (requested <= 0 || (isExtendedResource(resource) && allocatable[resource] === undefined)) {
      continue;
    }
    const capacity = amountOf(resource, allocatable[resource]);
    const used = otherPods.reduce((sum, { spec }) => sum + amountOf(resource, requestsOfPod(spec)[resource]), 0);
    if (requested > capacity - used) {
      failures.push({ resource, requested, used, capacity });
    }
  }
  return failures;
}

const FIRST_RESOURCES: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

const amountOf = (resource: string, quantity: Quantity = '0'): number =>
  resource === 'cpu' ? milliValueOf(quantity) : valueOf(quantity);

function hasPortConflict(pod: Pod, otherPods: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod);
  return (
    wanted.length > 0 && otherPods.some((other) => hostPortsOf(other).some((used) => wanted.some(conflictsWith(used))))
  );
}

/** Only containers that run as long as the pod does (k8s 1.37 pkg/scheduler/util GetHostPorts). */
const hostPortsOf = ({ spec }: Pod): readonly ContainerPort[] =>
  [...(spec.initContainers?.filter(isRestartableInitContainer) ?? []), ...spec.containers].flatMap(
    ({ ports }) => ports?.filter(({ hostPort }) => (hostPort ?? 0) > 0) ?? [],
  );

const ANY_IP = '0.0.0.0';

const conflictsWith =
  (used: ContainerPort) =>
  (wanted: ContainerPort): boolean => {
    const [usedIP, wantedIP] = [used.hostIP || ANY_IP, wanted.hostIP || ANY_IP];
    return (
      used.hostPort === wanted.hostPort &&
      (used.protocol || 'TCP') === (wanted.protocol || 'TCP') &&
      (usedIP === wantedIP || usedIP === ANY_IP || wantedIP === ANY_IP)
    );
  };
