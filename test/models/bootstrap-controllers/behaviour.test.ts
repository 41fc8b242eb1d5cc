import { seconds, toSeconds } from '../../../engine/index.js';
import type { CertificateSigningRequest, Secret } from '../../../models/api/index.js';
import { tokenExpiresAt } from '../../../models/bootstrap-controllers/decisions.js';
import { createBootstrapControllers } from '../../../models/bootstrap-controllers/index.js';
import type { ControllerContext } from '../../../models/client-go/index.js';
import { aControlPlane } from '../../helpers/a-control-plane.js';

/** 2026-01-01T00:00:00Z. */
const START = 1_767_225_600;

const bootstrap = (index: number) => (context: ControllerContext) =>
  createBootstrapControllers(context, { qps: 20, burst: 30 }, START)[index] as never;

const token = (expiration: string | undefined, namespace = 'kube-system'): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'bootstrap-token-abcdef', namespace },
  type: 'bootstrap.kubernetes.io/token',
  data: expiration === undefined ? {} : { expiration: btoa(expiration) },
});

describe('the end of a bootstrap token', () => {
  it.each([
    [undefined, Number.POSITIVE_INFINITY],
    ['', Number.POSITIVE_INFINITY],
    ['2026-01-01T00:05:00Z', seconds(300)],
    ['2026-01-01T01:05:00+01:00', seconds(300)],
    ['tomorrow', Number.NEGATIVE_INFINITY],
  ])('%s', (expiration, expected) => {
    expect(tokenExpiresAt(token(expiration), START)).toBe(expected);
  });

  it('takes the Secret away, from kube-system alone', () => {
    const cluster = aControlPlane({ controllers: [bootstrap(0)] });
    const removed: string[] = [];
    cluster.server.registry.store.watch('Secret', {
      added: () => {},
      modified: () => {},
      deleted: ({ metadata }) => removed.push(`${metadata.namespace} ${Math.floor(toSeconds(cluster.simulation.now))}`),
    });
    cluster.user.create('Secret', token('2026-01-01T00:05:00Z'), () => {});
    cluster.user.create('Secret', token('2026-01-01T00:05:00Z', 'default'), () => {});
    cluster.simulation.runUntil(seconds(600));
    expect(removed).toEqual(['kube-system 300']);
  });
});

const TRUSTED = 'system:bootstrappers:kubeadm:default-node-token';

describe("a joining kubelet's request for a certificate", () => {
  const request = (groups: readonly string[]): CertificateSigningRequest => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'node-csr-1' },
    spec: { request: 'eA==', signerName: 'kubernetes.io/kube-apiserver-client-kubelet', groups },
  });

  it('is approved and signed', () => {
    const cluster = aControlPlane({ controllers: [bootstrap(1), bootstrap(2)] });
    cluster.user.create('CertificateSigningRequest', request(['system:bootstrappers', TRUSTED]), () => {});
    cluster.simulation.runUntil(seconds(5));
    const status = cluster.server.get('CertificateSigningRequest', 'node-csr-1')?.status;
    expect(status?.conditions).toMatchObject([{ type: 'Approved', reason: 'AutoApproved' }]);
    expect(status?.certificate).toBeDefined();
  });

  it.each([['system:authenticated'], ['system:bootstrappers']])(
    'of anybody else, as of %s, waits for a human',
    (group) => {
      const cluster = aControlPlane({ controllers: [bootstrap(1), bootstrap(2)] });
      cluster.user.create('CertificateSigningRequest', request([group]), () => {});
      cluster.simulation.runUntil(seconds(5));
      expect(cluster.server.get('CertificateSigningRequest', 'node-csr-1')?.status?.conditions).toBeUndefined();
    },
  );
});
