import { type Micros, parseRfc3339 } from '../../engine/index.js';
import type { CertificateSigningRequest, Secret } from '../api/index.js';

const TOKEN_TYPE = 'bootstrap.kubernetes.io/token';
const TOKEN_NAMESPACE = 'kube-system';
const CLIENT_KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
/** Whom kubeadm's ClusterRoleBinding kubeadm:node-autoapprove-bootstrap lets have what it asks for. */
const AUTO_APPROVED = 'system:bootstrappers:kubeadm:default-node-token';
/** Signers of the built-in controller: k8s 1.37 pkg/controller/certificates/signer. */
const SIGNERS: ReadonlySet<string> = new Set([
  CLIENT_KUBELET,
  'kubernetes.io/kube-apiserver-client',
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/legacy-unknown',
]);

export const isBootstrapToken = ({ metadata, type }: Secret): boolean =>
  type === TOKEN_TYPE && metadata.namespace === TOKEN_NAMESPACE;

/**
 * When a bootstrap token is over, in virtual time; Infinity without an end. One that nobody can read is over at once. As
 * GetExpiration (k8s.io/cluster-bootstrap token/util). `startTime` is the run's start, in Unix seconds.
 */
export function tokenExpiresAt({ data = {} }: Secret, startTime: number): Micros {
  const expiration = data['expiration'];
  if (expiration === undefined || expiration === '') {
    return Number.POSITIVE_INFINITY;
  }
  const instant = parseRfc3339(atob(expiration));
  return instant === undefined ? Number.NEGATIVE_INFINITY : instant - startTime * 1_000_000;
}

const conditionIs = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

/** A joining kubelet's request for its client certificate. As isNodeClientCert (pkg/controller/certificates/approver). */
export const isApprovable = (request: CertificateSigningRequest): boolean =>
  request.spec.signerName === CLIENT_KUBELET &&
  (request.spec.groups?.includes(AUTO_APPROVED) ?? false) &&
  !conditionIs(request, 'Approved') &&
  !conditionIs(request, 'Denied');

export function approved(request: CertificateSigningRequest, now: Micros): CertificateSigningRequest {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'AutoApproved',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  return {
    ...request,
    status: { ...request.status, conditions: [...(request.status?.conditions ?? []), condition] },
  };
}

export const isSignable = (request: CertificateSigningRequest): boolean =>
  SIGNERS.has(request.spec.signerName) &&
  conditionIs(request, 'Approved') &&
  !conditionIs(request, 'Denied') &&
  !conditionIs(request, 'Failed') &&
  request.status?.certificate === undefined;

/** What stands for the certificate: nothing here reads one. */
export const signed = (request: CertificateSigningRequest): CertificateSigningRequest => ({
  ...request,
  status: { ...request.status, certificate: btoa(`certificate of ${request.metadata.name}`) },
});
