import { MemorySink, toSeconds } from '../../../engine/index.js';
import { conditionOf } from '../../../models/api/index.js';
import { kubernetes } from '../../../models/cluster.js';
import { Run } from '../../../scenarios/run/run.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

const TOKEN = 'abcdef.0123456789abcdef';

function play(actions: readonly string[]): { lines: readonly string[]; run: Run } {
  const spec = `  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`;
  const run = new Run(load({ 's.yaml': aScenario(spec) }), { model: kubernetes, sink: (now) => new MemorySink(now) });
  const lines = run
    .finish()
    .actions.map(({ at, line, failed }) => `${Math.floor(toSeconds(at))}${failed ? '!' : ''} ${line}`);
  return { lines, run };
}

it('joins a machine by its token, and has it ready when its network is', () => {
  const { lines, run } = play([
    `{at: 60s, tokenCreate: ${TOKEN}, ttl: 5m}`,
    '{at: 90s, tokenList: true}',
    `{at: 120s, join: worker, token: ${TOKEN}, preflight: 3s, networkReady: 20s}`,
  ]);
  const name = lines.at(-1)?.split(' ').at(-1) as string;
  expect(lines).toEqual([
    `60 ${TOKEN}`,
    '90 TOKEN                     TTL         EXPIRES',
    `90 ${TOKEN}   270s        2026-01-01T00:06:00Z`,
    `123 This node has joined the cluster: ${name}`,
  ]);
  const ready = conditionOf(run.cluster.get('Node', name)?.status?.conditions, 'Ready');
  expect(ready?.status).toBe('True');
  // The kubelet starts at 123 s, the network is there 20 s later, and a new kubelet asks its runtime every 0.1 s.
  expect(toSeconds(ready?.lastTransitionTime as number)).toBe(143);
});

it('gives up after five minutes without a token', () => {
  const { lines } = play([`{at: 10s, tokenCreate: ${TOKEN}, ttl: 30s}`, `{at: 60s, join: worker, token: ${TOKEN}}`]);
  const error =
    'error execution phase preflight: couldn\'t validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"';
  expect(lines.at(-1)).toMatch(/^3[56]\d! /);
  expect(lines.at(-1)?.replace(/^\d+! /, '')).toBe(error);
});

it('trusts no server by another secret', () => {
  const { lines } = play([
    `{at: 10s, tokenCreate: ${TOKEN}}`,
    '{at: 60s, join: worker, token: abcdef.aaaaaaaaaaaaaaaa}',
  ]);
  expect(lines.at(-1)).toContain('failed to verify JWS signature');
});

const EDGE = `{at: 10s, tokenCreate: ${TOKEN}, groups: ["system:bootstrappers:edge"]}`;

it('waits for approval where the group of its token is not trusted', () => {
  const { lines } = play([
    EDGE,
    `{at: 60s, join: worker, token: ${TOKEN}}`,
    '{at: 120s, certificateApprove: csr, all: true}',
  ]);
  expect(lines.slice(1).map((line) => line.replace(/node-csr-\S+/, 'node-csr-x'))).toEqual([
    '120 certificatesigningrequest.certificates.k8s.io/node-csr-x approved',
    '120 This node has joined the cluster: worker-3',
  ]);
});

it('gives up five minutes after it asked for a certificate that is denied, and approval comes too late', () => {
  const { lines } = play([
    EDGE,
    `{at: 60s, join: worker, token: ${TOKEN}, preflight: 2s, expectError: timed out}`,
    '{at: 120s, certificateDeny: csr, all: true}',
    '{at: 180s, certificateApprove: csr, all: true, expectError: is already Denied}',
  ]);
  expect(lines.slice(-2).map((line) => line.replace(/node-csr-\w+/, 'node-csr-x'))).toEqual([
    '180! error: certificate signing request "node-csr-x" is already Denied',
    '362! error execution phase kubelet-start: timed out waiting for the condition',
  ]);
});

it('signs what a user asked for once it is approved', () => {
  const request =
    '{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: ada}, ' +
    'spec: {request: eA==, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}}';
  const { lines, run } = play([
    `{at: 60s, create: [${request}]}`,
    '{at: 61s, kubectl: certificate approve ada}',
    '{at: 62s, kubectl: certificate approve ada}',
    '{at: 63s, kubectl: certificate deny ada, expectError: is already Approved}',
    '{at: 64s, kubectl: certificate deny bob, expectError: not found}',
  ]);
  expect(lines.slice(1, 3)).toEqual([
    '61 certificatesigningrequest.certificates.k8s.io/ada approved',
    '62 certificatesigningrequest.certificates.k8s.io/ada approved',
  ]);
  const { status } = run.cluster.get('CertificateSigningRequest', 'ada') ?? {};
  expect(status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Approved KubectlApprove']);
  expect(status?.certificate).toBeDefined();
});
