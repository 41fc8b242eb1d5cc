import type { Pod } from './generated/types.js';

/** Priority from which a pod is critical to the system (k8s 1.37 pkg/apis/scheduling SystemCriticalPriority). */
export const SYSTEM_CRITICAL_PRIORITY = 2_000_000_000;

/** A static pod comes from a file or URL on its node (k8s 1.37 pkg/kubelet/types/pod_update.go IsStaticPod). */
export function isStaticPod(pod: Pod): boolean {
  const source = pod.metadata.annotations?.['kubernetes.io/config.source'];
  return source !== undefined && source !== 'api';
}

/** What the API shows of a static pod. */
export const isMirrorPod = (pod: Pod): boolean =>
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

/** A pod that the kubelet neither evicts nor refuses under pressure (k8s 1.37 IsCriticalPod). */
export const isCriticalPod = (pod: Pod): boolean =>
  isStaticPod(pod) || isMirrorPod(pod) || (pod.spec.priority ?? 0) >= SYSTEM_CRITICAL_PRIORITY;
