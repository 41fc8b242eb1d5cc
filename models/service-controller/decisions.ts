import { isBeingDeleted, isNodeReady, type Node, type Service, semanticallyEqual } from '../api/index.js';

/** k8s.io/cloud-provider/service/helpers LoadBalancerCleanupFinalizer */
export const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
const AUTOSCALER_TAINT = 'ToBeDeletedByClusterAutoscaler';

/** One with a class is for another controller. */
export const wantsLoadBalancer = ({ spec }: Service): boolean =>
  spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;

export const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(FINALIZER) ?? false;

/** Whether the load balancer there is has to go. */
export const needsCleanup = (service: Service): boolean =>
  hasFinalizer(service) && (isBeingDeleted(service) || service.spec?.type !== 'LoadBalancer');

/** Whether the cloud has to be told. As needsUpdate. */
export function needsUpdate(service: Service, before: Service): boolean {
  if (!wantsLoadBalancer(service) && !wantsLoadBalancer(before)) {
    return false;
  }
  const told = ({ metadata, spec = {} }: Service): readonly unknown[] => [
    metadata.uid,
    metadata.annotations,
    spec.type,
    spec.ports,
    spec.sessionAffinity,
    spec.sessionAffinityConfig,
    spec.loadBalancerSourceRanges,
    spec.loadBalancerIP,
    spec.externalIPs,
    spec.externalTrafficPolicy,
    spec.healthCheckNodePort,
    spec.ipFamilies,
  ];
  return wantsLoadBalancer(service) !== wantsLoadBalancer(before) || !semanticallyEqual(told(service), told(before));
}

/** Whether load balancers point at the node. As getNodePredicatesForService; until 1.26 getNodeConditionPredicate. */
export function isBehindLoadBalancers(node: Node, keepsUnreadyNodes: boolean): boolean {
  if (node.metadata.labels?.[EXCLUDE_LABEL] !== undefined) {
    return false;
  }
  if (keepsUnreadyNodes) {
    return !isBeingDeleted(node);
  }
  return !node.spec.taints?.some(({ key }) => key === AUTOSCALER_TAINT) && isNodeReady(node);
}
