import { keyFor, type PodSpec } from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** Made in every namespace by the service account controller, soon after the namespace. */
const DEFAULT_SERVICE_ACCOUNT = 'default';

/**
 * The identity of a pod; or why not. Plugin ServiceAccount (plugin/pkg/admission/serviceaccount). The default account counts as
 * there. Leaves out the volume with its token, whose random name would keep pods of a template from sharing their spec.
 */
export function applyServiceAccount(spec: PodSpec, namespace: string, reader: AdmissionReader): PodSpec | string {
  const name = spec.serviceAccountName || DEFAULT_SERVICE_ACCOUNT;
  const account = reader.get('ServiceAccount', keyFor(namespace, name));
  if (account === undefined && name !== DEFAULT_SERVICE_ACCOUNT) {
    return `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
  }
  const secrets = spec.imagePullSecrets?.length ? undefined : account?.imagePullSecrets;
  return {
    ...spec,
    serviceAccountName: name,
    serviceAccount: name,
    ...(secrets?.length && { imagePullSecrets: secrets }),
  };
}
