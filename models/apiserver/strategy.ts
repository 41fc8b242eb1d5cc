import type { AnyObject, Kind } from '../api/index.js';
import type { Defaults } from '../versions/index.js';

/** Any object as the registry handles it, whatever its kind. */
export interface Stored extends AnyObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** What the registry of a kind (pkg/registry/GROUP/KIND/strategy.go) does with the parts of its objects. */
export interface Strategy {
  /** Whether PUT keeps the stored status and …/status exists. */
  readonly hasStatus: boolean;
  /** What metadata.generation counts: changes of these fields, of everything but metadata ('content'), or nothing at all. */
  readonly generation: 'spec' | 'spec and annotations' | 'content' | 'content and labels' | 'creation' | 'none';
  /** Whether create keeps a status that was sent: a kubelet registers its Node with one. */
  readonly keepsStatusOnCreate: boolean;
  /** DefaultGarbageCollectionPolicy: what becomes of dependents when a DELETE does not say. */
  readonly garbageCollection: 'Background' | 'Orphan' | 'Unsupported';
  /** AllowUnconditionalUpdate: whether a PUT without resourceVersion overwrites whatever is there. */
  readonly allowsUnconditionalUpdate: boolean;
  /** Whether …/status keeps what an older client leaves out: observedGeneration of pods and their conditions, the QoS class. */
  readonly backfillsStatus: boolean;
  /** Whether DELETE waits for a grace period: only pods do. */
  readonly deletesGracefully: boolean;
}

const PLAIN: Strategy = {
  hasStatus: false,
  generation: 'none',
  keepsStatusOnCreate: false,
  garbageCollection: 'Background',
  allowsUnconditionalUpdate: true,
  backfillsStatus: false,
  deletesGracefully: false,
};

const CONDITIONAL: Strategy = { ...PLAIN, allowsUnconditionalUpdate: false };
const WITH_STATUS: Strategy = { ...PLAIN, hasStatus: true };
const WORKLOAD: Strategy = { ...WITH_STATUS, generation: 'spec' };

const STRATEGIES: { readonly [K in Kind]?: Strategy } = {
  APIService: { ...WITH_STATUS, allowsUnconditionalUpdate: false },
  CSIDriver: CONDITIONAL,
  CSINode: CONDITIONAL,
  CertificateSigningRequest: WITH_STATUS,
  CronJob: WORKLOAD,
  CustomResourceDefinition: { ...WORKLOAD, allowsUnconditionalUpdate: false },
  DaemonSet: WORKLOAD,
  // pkg/registry/apps/deployment/strategy.go: annotations are copied to ReplicaSets, so they count
  Deployment: { ...WORKLOAD, generation: 'spec and annotations' },
  EndpointSlice: { ...PLAIN, generation: 'content and labels' },
  Event: { ...PLAIN, garbageCollection: 'Unsupported' },
  FlowSchema: WORKLOAD,
  Ingress: WORKLOAD,
  IngressClass: { ...PLAIN, generation: 'spec' },
  // pkg/registry/batch/job/strategy.go, for batch/v1: "legacy" orphaning when no policy is sent
  Job: { ...WORKLOAD, garbageCollection: 'Orphan' },
  Lease: CONDITIONAL,
  MutatingWebhookConfiguration: { ...CONDITIONAL, generation: 'content' },
  Namespace: WITH_STATUS,
  NetworkPolicy: { ...PLAIN, generation: 'spec' },
  Node: { ...WITH_STATUS, keepsStatusOnCreate: true },
  PersistentVolume: WITH_STATUS,
  PersistentVolumeClaim: WITH_STATUS,
  PodDisruptionBudget: { ...WORKLOAD, allowsUnconditionalUpdate: false },
  PodTemplate: { ...PLAIN, generation: 'content' },
  PriorityClass: { ...PLAIN, generation: 'creation' },
  PriorityLevelConfiguration: WORKLOAD,
  ReplicaSet: WORKLOAD,
  // pkg/registry/core/replicationcontroller/strategy.go, for v1
  ReplicationController: { ...WORKLOAD, garbageCollection: 'Orphan' },
  ResourceClaim: WITH_STATUS,
  ResourceQuota: WITH_STATUS,
  ResourceSlice: { ...PLAIN, generation: 'spec' },
  RuntimeClass: CONDITIONAL,
  Service: WITH_STATUS,
  ServiceCIDR: WITH_STATUS,
  StatefulSet: WORKLOAD,
  ValidatingAdmissionPolicy: WORKLOAD,
  ValidatingWebhookConfiguration: { ...CONDITIONAL, generation: 'content' },
  // Custom resources whose definitions have the status subresource
  NodeClaim: { ...WORKLOAD, allowsUnconditionalUpdate: false },
  NodePool: { ...WORKLOAD, allowsUnconditionalUpdate: false },
  VerticalPodAutoscaler: { ...WORKLOAD, allowsUnconditionalUpdate: false },
  VolumeAttachment: { ...WITH_STATUS, allowsUnconditionalUpdate: false },
};

/** Strategies by kind in the version that these defaults are of. */
export function strategiesFor({ features }: Defaults): (kind: Kind) => Strategy {
  const strategies: { readonly [K in Kind]?: Strategy } = {
    ...STRATEGIES,
    HorizontalPodAutoscaler: features.HPAGeneration ? WORKLOAD : WITH_STATUS,
    Pod: {
      ...WORKLOAD,
      generation: features.PodObservedGenerationTracking ? 'spec' : 'none',
      backfillsStatus: features.PodObservedGenerationTracking,
      deletesGracefully: true,
    },
  };
  return (kind) => strategies[kind] ?? PLAIN;
}
