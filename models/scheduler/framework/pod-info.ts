import { isRestartableInitContainer, keyOf, type Labels, type Pod } from '../../api/index.js';
import { affinityTermsOf, type PodAffinityTerms } from './affinity-term.js';
import { type PodRequests, requestsForScheduling } from './resources.js';

export interface HostPort {
  readonly ip: string;
  /** "TCP/80". */
  readonly protocolPort: string;
}

/** A pod as the scheduler sees it, with what plugins ask again and again read once. */
export interface PodInfo {
  readonly pod: Pod;
  /** "namespace/name". */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Labels | undefined;
  readonly priority: number;
  readonly requests: PodRequests;
  readonly affinity: PodAffinityTerms;
  readonly hostPorts: readonly HostPort[];
  /** deletionTimestamp is set. */
  readonly isTerminating: boolean;
}

const NO_PORTS: readonly HostPort[] = [];
export const ANY_IP = '0.0.0.0';

export function podInfoOf(pod: Pod, key = keyOf(pod)): PodInfo {
  const { metadata, spec } = pod;
  const namespace = metadata.namespace ?? '';
  return {
    pod,
    key,
    uid: metadata.uid ?? '',
    namespace,
    labels: metadata.labels,
    priority: spec.priority ?? 0,
    requests: requestsForScheduling(spec),
    affinity: affinityTermsOf(spec.affinity, namespace),
    hostPorts: hostPortsOf(pod),
    isTerminating: metadata.deletionTimestamp !== undefined,
  };
}

/** A newer version of the same pod: what is read of the spec is read anew only if that is another. */
export const newerInfo = (info: PodInfo, pod: Pod): PodInfo =>
  pod.spec === info.pod.spec
    ? {
        pod,
        key: info.key,
        uid: pod.metadata.uid ?? '',
        namespace: info.namespace,
        labels: pod.metadata.labels,
        priority: info.priority,
        requests: info.requests,
        affinity: info.affinity,
        hostPorts: info.hostPorts,
        isTerminating: pod.metadata.deletionTimestamp !== undefined,
      }
    : podInfoOf(pod, info.key);

/** The same pod with a node: nothing else that is read of it changes. */
export const onNode = (info: PodInfo, nodeName: string): PodInfo => ({
  pod: {
    apiVersion: info.pod.apiVersion,
    kind: info.pod.kind,
    metadata: info.pod.metadata,
    spec: Object.assign({}, info.pod.spec, { nodeName }),
    status: info.pod.status,
  },
  key: info.key,
  uid: info.uid,
  namespace: info.namespace,
  labels: info.labels,
  priority: info.priority,
  requests: info.requests,
  affinity: info.affinity,
  hostPorts: info.hostPorts,
  isTerminating: info.isTerminating,
});

export const hasAffinity = ({ affinity }: PodInfo): boolean =>
  affinity.requiredAffinity.length > 0 ||
  affinity.requiredAntiAffinity.length > 0 ||
  affinity.preferredAffinity.length > 0 ||
  affinity.preferredAntiAffinity.length > 0;

/** Host ports of containers and sidecars. As GetHostPorts (pkg/scheduler/util). */
function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  let found: HostPort[] | undefined;
  for (const containers of [spec.containers, spec.initContainers?.filter(isRestartableInitContainer) ?? []]) {
    for (const { ports } of containers) {
      for (const port of ports ?? []) {
        if (port.hostPort !== undefined && port.hostPort > 0) {
          found ??= [];
          found.push({ ip: port.hostIP || ANY_IP, protocolPort: `${port.protocol || 'TCP'}/${port.hostPort}` });
        }
      }
    }
  }
  return found ?? NO_PORTS;
}

/** Nothing that a node sums up or a selector sees differs between two versions of a pod. */
export const countsTheSame = (a: PodInfo, b: PodInfo): boolean =>
  a.uid === b.uid &&
  a.requests === b.requests &&
  a.labels === b.labels &&
  a.priority === b.priority &&
  a.isTerminating === b.isTerminating &&
  a.pod.spec.affinity === b.pod.spec.affinity &&
  a.pod.spec.volumes === b.pod.spec.volumes &&
  a.hostPorts.length === 0 &&
  b.hostPorts.length === 0;
