import type {
  CertificateSigningRequest,
  Event,
  Job,
  Kinds,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
} from './generated/types.js';
import type { Kind, KubeObject } from './object.js';

type FieldsOf<K extends Kind> = Readonly<Record<string, (object: Kinds[K]) => string | number | boolean | undefined>>;

const POD: FieldsOf<'Pod'> = {
  'spec.nodeName': ({ spec }: Pod) => spec.nodeName,
  'spec.restartPolicy': ({ spec }: Pod) => spec.restartPolicy,
  'spec.schedulerName': ({ spec }: Pod) => spec.schedulerName,
  'spec.serviceAccountName': ({ spec }: Pod) => spec.serviceAccountName,
  'spec.hostNetwork': ({ spec }: Pod) => spec.hostNetwork ?? false,
  'status.phase': ({ status }: Pod) => status?.phase,
  'status.podIP': ({ status }: Pod) => status?.podIP,
  'status.podIPs': ({ status }: Pod) => status?.podIP,
  'status.nominatedNodeName': ({ status }: Pod) => status?.nominatedNodeName,
};

const EVENT: FieldsOf<'Event'> = {
  'involvedObject.kind': ({ involvedObject }: Event) => involvedObject.kind,
  'involvedObject.namespace': ({ involvedObject }: Event) => involvedObject.namespace,
  'involvedObject.name': ({ involvedObject }: Event) => involvedObject.name,
  'involvedObject.uid': ({ involvedObject }: Event) => involvedObject.uid,
  'involvedObject.apiVersion': ({ involvedObject }: Event) => involvedObject.apiVersion,
  'involvedObject.resourceVersion': ({ involvedObject }: Event) => involvedObject.resourceVersion,
  'involvedObject.fieldPath': ({ involvedObject }: Event) => involvedObject.fieldPath,
  reason: ({ reason }: Event) => reason,
  reportingComponent: ({ reportingComponent }: Event) => reportingComponent,
  source: ({ source, reportingComponent }: Event) => source?.component || reportingComponent,
  type: ({ type }: Event) => type,
};

/**
 * What can be selected by besides name and namespace: addConversionFuncs of k8s 1.37 pkg/apis/{core,batch,apps,certificates}, and
 * SelectableFields of their registries.
 */
const FIELDS: { readonly [K in Kind]?: FieldsOf<K> } = {
  Pod: POD,
  Event: EVENT,
  Node: { 'spec.unschedulable': ({ spec }: Node) => spec?.unschedulable ?? false },
  Namespace: { 'status.phase': ({ status }: Namespace) => status?.phase },
  Secret: { type: ({ type }: Secret) => type },
  Service: { 'spec.clusterIP': ({ spec }: Service) => spec?.clusterIP, 'spec.type': ({ spec }: Service) => spec?.type },
  ReplicaSet: { 'status.replicas': ({ status }) => status?.replicas ?? 0 },
  ReplicationController: { 'status.replicas': ({ status }) => status?.replicas ?? 0 },
  Job: { 'status.successful': ({ status }: Job) => status?.succeeded ?? 0 },
  CertificateSigningRequest: { 'spec.signerName': ({ spec }: CertificateSigningRequest) => spec.signerName },
};

/** Why the server refuses to select objects of this kind by a field; undefined when it does not. */
export function fieldRefusal(kind: Kind, field: string): string | undefined {
  if (field === 'metadata.name' || field === 'metadata.namespace') {
    return undefined;
  }
  const fields = FIELDS[kind];
  if (fields === undefined) {
    // k8s.io/apimachinery pkg/runtime DefaultMetaV1FieldSelectorConversion
    return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  }
  return Object.hasOwn(fields, field) ? undefined : `field label not supported: ${field}`;
}

/** A field of an object that can be selected by; empty where it lacks it. */
export function selectableField(object: KubeObject, field: string): string {
  const { name, namespace } = object.metadata;
  const fields = (FIELDS[object.kind] ?? {}) as Readonly<Record<string, (object: KubeObject) => unknown>>;
  const found = field === 'metadata.name' ? name : field === 'metadata.namespace' ? namespace : fields[field]?.(object);
  return String(found ?? '');
}
