import type { Kind } from '../api/index.js';
import { OBJECT_TIMELINES } from '../apiserver/index.js';
import type { ClusterCatalogue } from '../cluster.js';
import { NODE_SCALING } from '../cluster-autoscaler/index.js';
import { AUTOSCALING } from '../horizontal-pod-autoscaler-controller/index.js';
import { NODE_CLAIMS } from '../karpenter/index.js';
import { ROUTING } from '../kube-proxy/index.js';
import { IMAGE_PULLS, KUBELET_EVICTIONS, PROBES, VOLUMES } from '../kubelet/index.js';
import { DETECTION, ZONES } from '../node-lifecycle-controller/index.js';
import { SCHEDULING, SCORES, VERDICTS } from '../scheduler/index.js';
import { EVICTIONS } from '../taint-eviction-controller/index.js';
import { RECOMMENDATIONS } from '../vertical-pod-autoscaler/index.js';

/** Kinds that some component acts on; objects of the others are stored and lie there. */
export const ACTING_KINDS: readonly Kind[] = [
  'CertificateSigningRequest',
  'ClusterRole',
  'ConfigMap',
  'CSIDriver',
  'CSINode',
  'ControllerRevision',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'EndpointSlice',
  'Event',
  'HorizontalPodAutoscaler',
  'Ingress',
  'IngressClass',
  'Job',
  'Lease',
  'LimitRange',
  'Namespace',
  'NetworkPolicy',
  'Node',
  'NodeClaim',
  'NodePool',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'PodDisruptionBudget',
  'PriorityClass',
  'ReplicaSet',
  'ReplicationController',
  'ResourceQuota',
  'RuntimeClass',
  'Secret',
  'Service',
  'ServiceAccount',
  'StatefulSet',
  'VerticalPodAutoscaler',
  'StorageClass',
  'VolumeAttachment',
];

/** Everything that can be recorded. */
export const TIMELINES: ClusterCatalogue['timelines'] = [
  ...OBJECT_TIMELINES,
  EVICTIONS,
  KUBELET_EVICTIONS,
  SCHEDULING,
  VERDICTS,
  SCORES,
  DETECTION,
  ZONES,
  PROBES,
  ROUTING,
  IMAGE_PULLS,
  VOLUMES,
  AUTOSCALING,
  RECOMMENDATIONS,
  NODE_SCALING,
  NODE_CLAIMS,
].map(({ name, help }) => ({ name, help }));
