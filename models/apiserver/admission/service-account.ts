import { keyFor, type Pod, type PodSpec } from '../../api/index.js';
import type { AdmissionReader } from '../hooks.js';

/** Made in every namespace by the service account controller, soon after the namespace. */
const DEFAULT_SERVICE_ACCOUNT = 'default';

const accountOf = ({ serviceAccountName }: PodSpec): string => serviceAccountName || DEFAULT_SERVICE_ACCOUNT;

/**
 * The identity of a pod; or why not. Plugin ServiceAccount (plugin/pkg/admission/serviceaccount). Leaves out the volume with its
 * token, whose random name would keep pods of a template from sharing their spec.
 */
export function applyServiceAccount(spec: PodSpec, namespace: string, reader: AdmissionReader): PodSpec | string {
  const name = accountOf(spec);
  const account = reader.get('ServiceAccount', keyFor(namespace, name));
  if (account === undefined) {
    return `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
  }
  const secrets = spec.imagePullSecrets?.length ? undefined : account.imagePullSecrets;
  return {
    ...spec,
    serviceAccountName: name,
    serviceAccount: name,
    ...(secrets?.length && { imagePullSecrets: secrets }),
  };
}

/** The default account is looked up ten times before a pod is refused: it is about to be made. As getServiceAccount. */
export const awaitsServiceAccount = ({ metadata, spec }: Pod, reader: AdmissionReader): boolean =>
  accountOf(spec) === DEFAULT_SERVICE_ACCOUNT &&
  reader.get('ServiceAccount', keyFor(metadata.namespace, DEFAULT_SERVICE_ACCOUNT)) === undefined;
