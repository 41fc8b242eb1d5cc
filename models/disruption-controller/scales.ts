import {
  controllerOf,
  type Deployment,
  isKind,
  keyFor,
  type OwnerReference,
  type ReplicaSet,
  type ReplicationController,
  SERVED_KINDS,
  type StatefulSet,
} from '../api/index.js';
import type { Informer, InformerFactory } from '../client-go/index.js';
import type { Scale } from './decisions.js';

/** How many pods the workload behind a controller wants, from the caches. As the finders of the disruption controller. */
export class Scales {
  readonly #deployments: Informer<Deployment>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;
  readonly #replicationControllers: Informer<ReplicationController>;

  constructor(informers: InformerFactory) {
    this.#deployments = informers.informer('Deployment');
    this.#replicaSets = informers.informer('ReplicaSet');
    this.#statefulSets = informers.informer('StatefulSet');
    this.#replicationControllers = informers.informer('ReplicationController');
  }

  of(owner: OwnerReference, namespace: string | undefined): Scale {
    const key = keyFor(namespace, owner.name);
    switch (owner.kind) {
      case 'ReplicaSet':
        return this.#ofReplicaSet(this.#replicaSets.get(key), owner);
      case 'Deployment':
        return scaleOf(this.#deployments.get(key), owner);
      case 'StatefulSet':
        return scaleOf(this.#statefulSets.get(key), owner);
      case 'ReplicationController':
        return scaleOf(this.#replicationControllers.get(key), owner);
      default:
        return { error: withoutScale(owner) };
    }
  }

  /** Behind a ReplicaSet of a Deployment stands the Deployment, so that old and new ReplicaSet count once. */
  #ofReplicaSet(replicaSet: ReplicaSet | undefined, owner: OwnerReference): Scale {
    const behind = replicaSet && controllerOf(replicaSet);
    if (replicaSet?.metadata.uid === owner.uid && behind?.kind === 'Deployment') {
      return scaleOf(this.#deployments.get(keyFor(replicaSet.metadata.namespace, behind.name)), behind);
    }
    return scaleOf(replicaSet, owner);
  }
}

interface Scalable {
  readonly metadata: { readonly uid?: string | undefined };
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
}

const scaleOf = (workload: Scalable | undefined, { uid }: OwnerReference): Scale =>
  workload?.metadata.uid === uid ? { uid, replicas: workload?.spec?.replicas ?? 1 } : undefined;

/** As getScaleController: Jobs, DaemonSets and others have a resource, but no scale. */
function withoutScale({ apiVersion, kind }: OwnerReference): string {
  if (!isKind(kind)) {
    return `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  }
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  const { plural } = SERVED_KINDS[kind];
  return `${group ? `${plural}.${group}` : plural} does not implement the scale subresource`;
}
