import {
  computeHash,
  controllerReference,
  type Deployment,
  POD_TEMPLATE_HASH_LABEL,
  type ReplicaSet,
} from '../api/index.js';
import type { AnyReplicaSet } from './replica-sets.js';
import { newReplicaSetAnnotations, replicasAnnotations } from './revisions.js';
import { newReplicaSetSize } from './scaling.js';

/** The ReplicaSet that a new template gets. As the second half of getNewReplicaSet (sync.go). */
export function newReplicaSetFor(deployment: Deployment, old: readonly ReplicaSet[], revision: number): AnyReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = computeHash(template, deployment.status?.collisionCount);
  const withHash = (labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> => ({
    ...labels,
    [POD_TEMPLATE_HASH_LABEL]: hash,
  });
  const labels = withHash(template.metadata?.labels);
  const empty: AnyReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: replicaSetName(deployment.metadata.name, hash),
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      minReadySeconds,
      selector: { ...selector, matchLabels: withHash(selector.matchLabels) },
      template: { ...template, metadata: { ...template.metadata, labels } as NonNullable<typeof template.metadata> },
    },
  };
  const annotations = newReplicaSetAnnotations(deployment, empty, revision);
  return {
    ...empty,
    metadata: { ...empty.metadata, annotations: { ...annotations, ...replicasAnnotations(deployment) } },
    spec: { ...empty.spec, replicas: newReplicaSetSize(deployment, [...old, empty], empty) },
  };
}

/** Cut where it would grow beyond a DNS subdomain. As generateReplicaSetName. */
const replicaSetName = (deployment: string, hash: string): string => {
  const longest = 253 - 1 - hash.length;
  return `${deployment.slice(0, longest)}-${hash}`;
};
