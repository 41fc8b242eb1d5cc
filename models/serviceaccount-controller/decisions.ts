import type { ConfigMap, Namespace, ServiceAccount } from '../api/index.js';

/** Nothing can be made in a namespace that is going. */
export const isActive = ({ status, metadata }: Namespace): boolean =>
  status?.phase !== 'Terminating' && metadata.deletionTimestamp === undefined;

type Made<T extends ServiceAccount | ConfigMap> = Omit<T, 'metadata'> & {
  readonly metadata: { readonly name: string; readonly namespace: string };
};

export const defaultAccount = (namespace: string): Made<ServiceAccount> => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace },
});

export const CA_NAME = 'ca.crt';

/** The certificate is no real one: nothing here checks it. */
export const rootCertificate = (namespace: string): Made<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'kube-root-ca.crt',
    namespace,
    annotations: { 'kubernetes.io/description': DESCRIPTION },
  } as Made<ConfigMap>['metadata'],
  data: { [CA_NAME]: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' },
});

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
